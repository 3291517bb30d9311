// What billing publishes in a run: the credit events of a few accounts over days, told before anything happens, so that
// a story can be cut down without changing what is left of it.
#pragma once

#include "domain/credit_event.hpp"
#include "tests/domain/random.hpp"
#include "tests/sim/options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dun::test {

struct Publication {
  Instant arrival{};
  Fields fields;
  std::string account;                 ///< whose stream it goes to; where the entry names none, any
  std::optional<Fault> fault;          ///< why it is not a plain event
  std::string wrong;                   ///< the field for which it must be rejected; empty: a valid event
  std::optional<int> wrong_partition;  ///< published there by mistake
};

/// In order of arrival, without what `options` leaves out.
[[nodiscard]] std::vector<Publication> tell_story(const SimOptions& options, Instant start);

/// The value of a field; empty where there is none.
[[nodiscard]] std::string value_of(const Fields& fields, std::string_view name);

}  // namespace dun::test
