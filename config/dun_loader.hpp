// dun.toml: the installation, read into the options of the folders that work with it.
#pragma once

#include "config/toml_reader.hpp"
#include "redis/options.hpp"
#include "scheduler/options.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dun::config {

/// What a process does.
enum class Role : std::uint8_t { engine, console };
[[nodiscard]] std::span<const std::string_view> role_names();

/// Where to listen for HTTP.
struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8620;
  /// Of this machine alone: 127.0.0.0/8, ::1.
  [[nodiscard]] bool is_loopback() const;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

struct RedisSettings {
  redis::Site site;
  std::string prefix = "dun";
  redis::Installation installation;
  Millis lease_ttl = std::chrono::seconds(10);
  Millis connect_timeout = std::chrono::seconds(5);
  Millis deadline = std::chrono::seconds(5);
  int wait_replicas = 0;  ///< see redis::Replication
  redis::Retention retention;

  Millis resend_wait = std::chrono::minutes(1);  ///< see redis::Takeover

  /// Nothing acknowledged is lost where replicas are waited for.
  [[nodiscard]] redis::TakeoverOptions takeover() const {
    return {.sentinel = site.kind == redis::Site::Kind::sentinel,
            .wait = wait_replicas > 0 ? Millis(0) : resend_wait,
            .on_takeover = {}};
  }
  [[nodiscard]] redis::Replication replication() const { return {.replicas = wait_replicas, .within = deadline / 2}; }
  redis::OutcomeFilter published = redis::OutcomeFilter::standard();
};

struct MessageSettings {
  std::string default_lang = "zh-CN";
  Location default_location;  ///< of that word, for the mistake that there are no texts in it
  int parts_max = 4;
};

struct DunOptions {
  std::string owner;  ///< empty: the process names itself
  std::vector<Role> roles{Role::engine, Role::console};
  RedisSettings redis;
  ListenAddress listen;
  std::optional<ListenAddress> health;  ///< a listener for /healthz alone, besides `listen`
  /// What references and internal events are signed with, the same in every process (scheduler/seal.hpp). Empty: made
  /// once and kept in Redis.
  std::string key;
  MessageSettings messages;
  scheduler::EngineOptions engine;  ///< partitions and lease are the installation's
};

void read_dun(const Section& root, Secrets secrets, DunOptions& options);

/// `127.0.0.1:8620`, `[::1]:8620`, `localhost:0`; port 0 lets the system choose.
[[nodiscard]] std::expected<ListenAddress, std::string> parse_listen(std::string_view text);

}  // namespace dun::config
