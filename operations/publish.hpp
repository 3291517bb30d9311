// Credit events, one a line, onto the streams: `dun publish`.
#pragma once

#include "operations/ports/event_streams.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dun::operations {

struct PublishOrder {
  bool unchecked = false;  ///< malformed events too: the service puts them on the rejected stream
  bool direct = false;     ///< past the front door
  bool resume = false;     ///< number the events by their lines, and publish what the front door does not have
  int replicas = 0;        ///< that must have an event before it counts as published
};

/// Takes lines and publishes them in batches. Whoever reads the lines calls begin(), then take() for each, send()
/// whenever it is full(), and once more at the end unless it is empty(). What is wrong with one line keeps none of the
/// others back; after a failure it is over.
class Publication {
 public:
  /// Far above any event: bytes without line ends, whatever they are, do not fill the memory. Of a longer line no more
  /// than one byte beyond need be given.
  static constexpr std::size_t line_most = 1 << 20;

  /// The streams outlive it.
  Publication(EventStreams& streams, PublishOrder order) : streams_(streams), order_(order) {}

  /// The front door ends with an id that Redis made: it is not one producer's alone.
  struct NotNumbered {
    std::string stream, last;
  };
  using CannotBegin = std::variant<scheduler::StoreError, NotNumbered>;
  Awaitable<std::expected<void, CannotBegin>> begin();

  /// What is to be told of a line.
  struct Remark {
    bool refused = false;  ///< it is not published; else it is, and this is a warning
    std::string what;
  };
  /// The lines count from 1. `now`: of the machine.
  [[nodiscard]] std::optional<Remark> take(std::uint64_t number, std::string_view line, Instant now);

  [[nodiscard]] bool full() const { return batch_.size() >= batch_most; }
  [[nodiscard]] bool empty() const { return batch_.empty(); }

  struct Failure {
    scheduler::StoreError why;
    std::size_t events = 0;  ///< that were to be sent
  };
  /// Returns how many events there were.
  Awaitable<std::expected<std::size_t, Failure>> send();

  /// So far.
  struct Counts {
    std::uint64_t published = 0;  ///< events
    std::uint64_t refused = 0;    ///< lines
    std::uint64_t partly = 0;     ///< lines with fields that count for nothing
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  static constexpr std::size_t batch_most = 512;

  [[nodiscard]] std::expected<Fields, std::string> read(std::string_view line) const;
  /// What is published and counts for nothing, told at the first line of each sort: a producer repeats its mistakes.
  [[nodiscard]] std::optional<Remark> warn(const std::vector<RefusedField>& refused);
  Awaitable<StoreResult<void>> put(std::vector<NumberedEvent> batch);

  EventStreams& streams_;
  PublishOrder order_;
  std::optional<NumberedEnd> there_;  ///< to resume: how much is published already
  std::vector<NumberedEvent> batch_;
  Counts counts_;
  std::set<std::string> warned_;  ///< which fields that count for nothing were told of
};

}  // namespace dun::operations
