// A stream entry becomes an event, or is put where it can be seen and sent again (contract section 2). Pure.
#pragma once

#include "domain/case_event.hpp"
#include "domain/credit_event.hpp"
#include "domain/outcome.hpp"
#include "scheduler/ports/stream.hpp"
#include "scheduler/seal.hpp"

#include <expected>
#include <variant>

namespace dun::scheduler {

/// About an account, or a report about a case.
using IncomingEvent = std::variant<CreditEvent, CaseEvent>;

/// The event of an entry of partition `partition`, or why it is none, with the field to blame: too large, unsigned
/// where only Dun may write, malformed, or another partition's.
[[nodiscard]] std::expected<IncomingEvent, Rejection> read_event(const StreamEntry& entry, const Seal& seal,
                                                                 int partition, int partitions,
                                                                 const EventBounds& bounds);

/// `event.rejected`, with what can be said of the entry.
[[nodiscard]] Outcome rejected_outcome(const StreamEntry& entry, const Rejection& why, Instant now);

}  // namespace dun::scheduler
