// Malformed events, to be looked at and sent again: `dun rejected`.
#pragma once

#include "domain/time.hpp"
#include "operations/ports/rejected_streams.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dun::operations {

[[nodiscard]] std::string to_text(const RejectedId& id);

// ---------------------------------------------------------------------------------------------------------- list

struct RejectedAsked {
  std::string field;        ///< those whose field of this name is wrong; empty: all
  std::uint64_t limit = 0;  ///< at most so many; 0: all
};

/// What was rejected, page by page: partition by partition, the oldest first.
class RejectedList {
 public:
  /// The streams outlive it.
  RejectedList(RejectedStreams& streams, RejectedAsked asked) : streams_(streams), asked_(std::move(asked)) {}

  /// None: that was all. A page may be empty.
  Awaitable<StoreResult<std::optional<std::vector<RejectedItem>>>> next();

 private:
  RejectedStreams& streams_;
  RejectedAsked asked_;
  int partition_ = 0;
  scheduler::StreamId after_;
  std::uint64_t found_ = 0;
  bool enough_ = false;
};

/// The original as a JSON object; a name that came twice stands there twice. One line, safe for a terminal.
[[nodiscard]] std::string original_as_json(const RejectedItem& item);
/// One line.
[[nodiscard]] std::string to_json_text(const RejectedItem& item);

/// What a flood is made of, by the field that is wrong: there are no more of them than events have.
class RejectedSummary {
 public:
  struct Group {
    std::uint64_t count = 0;
    Instant first{}, last{};
    std::string example_id, example_detail;  ///< of the last one
  };
  void add(const RejectedItem& item);
  [[nodiscard]] const std::map<std::string, Group>& by_field() const { return groups_; }

 private:
  std::map<std::string, Group> groups_;
};
/// One line.
[[nodiscard]] std::string to_json_text(const std::string& field, const RejectedSummary::Group& group);

// ------------------------------------------------------------------------------------------------------- requeue

struct RequeueOrder {
  std::vector<RejectedId> ids;
  bool all = false;   ///< and all that there are
  std::string field;  ///< of all: those whose field of this name is wrong; empty: whichever
};

struct Requeued {
  std::uint64_t events = 0;
  std::vector<RejectedId> missing;  ///< there is no such entry: it may have been requeued already
  struct Failure {
    RejectedId id;
    scheduler::StoreError why;
  };
  std::optional<Failure> failure;  ///< at which it ended
};

/// Puts entries back on their streams. An error: it is not known which ones there are, and nothing was done.
Awaitable<StoreResult<Requeued>> requeue(RejectedStreams& streams, RequeueOrder order);

}  // namespace dun::operations
