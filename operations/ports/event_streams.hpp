// Where events are put for the engines to read.
#pragma once

#include "domain/credit_event.hpp"
#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/store_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dun::operations {

using scheduler::Awaitable;
using scheduler::StoreResult;

/// An event that its producer has numbered. Numbers grow.
struct NumberedEvent {
  std::uint64_t number = 0;
  Fields fields;
};

/// How far the front door has what one producer alone puts there, numbered. It is true as long as the connection lasts:
/// a server that takes over may have less.
struct NumberedEnd {
  std::string stream;  ///< its key
  std::string last;    ///< id of the last entry that is or was there
  std::optional<std::uint64_t>
      number;  ///< the producer's; 0 where there never was an entry, none where Redis made the id
  std::uint64_t connection = 0;
};

class EventStreams {
 public:
  virtual ~EventStreams() = default;
  /// To the front door, or straight to the streams of their partitions. All that go to one stream in order, or none;
  /// with an error it is not known which streams have them, and publishing them again is safe because events are known
  /// by their ids. They count as published once so many replicas have them. Fields must not be empty.
  virtual Awaitable<StoreResult<void>> publish(std::vector<Fields> events, bool direct, int replicas) = 0;

  virtual Awaitable<StoreResult<NumberedEnd>> numbered_end() = 0;
  /// To the front door, on the connection on which its end was read or not at all, or else a gap could be left behind;
  /// with an error, read it again.
  virtual Awaitable<StoreResult<void>> publish_numbered(std::uint64_t connection, std::vector<NumberedEvent> events,
                                                        int replicas) = 0;
};

}  // namespace dun::operations
