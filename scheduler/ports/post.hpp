// What one partition has to tell a case of another, or the process around it.
#pragma once

#include "domain/credit_event.hpp"
#include "domain/ids.hpp"

#include <string>

namespace dun::scheduler {

/// Stored by the commit it follows from, then brought to the stream of its case's partition by the owner: at least
/// once, under an id that is derived from where it comes from, by which the case takes it once (ADR 0020).
struct Post {
  CaseId to;
  EventId id;
  Fields fields;  ///< the entry, signed
  friend bool operator==(const Post&, const Post&) = default;
};

}  // namespace dun::scheduler
