// What operators set for Redis in dun.toml.
#pragma once

#include "domain/time.hpp"
#include "redis/address.hpp"
#include "redis/outcome_filter.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace dun::redis {

/// What is fixed when an installation is made.
struct Installation {
  int partitions = 16;
  /// Hashes that the account records of a partition are spread over. A hash of about 64 records keeps Redis's compact
  /// encoding and its speed, so the default suits a million accounts a partition: 61 a bucket, 128 (the limit of the
  /// compact encoding, by default) at two million. With few accounts a bucket costs about 100 bytes of its own.
  std::uint32_t buckets = 16'384;
  friend bool operator==(const Installation&, const Installation&) = default;
};

/// How long the streams of a partition keep what is behind. By the ids of the entries, which are the server's time.
struct Retention {
  std::chrono::hours events{24};         ///< inputs behind the cursor; what is unread is never trimmed
  std::chrono::hours journal{24 * 35};   ///< what `dun explain` and `dun outcomes` can look back on
  std::chrono::hours outcomes{24 * 7};   ///< the public stream: how long billing may be away
  std::chrono::hours rejected{24 * 35};  ///< malformed events that nobody has requeued ...
  int rejected_max = 100'000;            ///< ... and the newest so many of a partition: a flood must not fill Redis
};

/// Redis acknowledges a write before its replicas have it, and a failover undoes what the new master does not have.
/// WAIT closes that gap, for the price of the way to the replica and back.
struct Replication {
  int replicas = 0;     ///< a write counts as done when so many replicas have it; 0: when the server has it
  Millis within{3000};  ///< how long they have; must be below the deadline of the link
};

/// What follows for sending when a replica took over.
struct TakeoverOptions {
  bool sentinel = false;
  Millis wait{0};  ///< how long claims wait for producers to send again; 0: nothing is looked at
  /// Called with a sentence for the log.
  std::function<void(const std::string& what)> on_takeover;
};

/// A prefix of keys: 1 to 64 of the characters A-Z a-z 0-9 . _ : - (no braces: they would move the hash tag).
[[nodiscard]] bool is_key_prefix(std::string_view text);

}  // namespace dun::redis
