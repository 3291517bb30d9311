// Random credit events of a few accounts: states, payments, holds, profile changes, disorder and repeats.
#pragma once

#include "domain/credit_event.hpp"
#include "policies/options.hpp"
#include "tests/domain/random.hpp"

#include <string>
#include <vector>

namespace dun::test {

struct Publication {
  Instant arrival{};
  Fields fields;
};

class StoryTeller {
 public:
  /// Begins at `start`; accounts are named A0, A1, ...
  StoryTeller(Random& random, Instant start, std::size_t accounts);

  /// The next event, some time after the last: seconds in a flurry, else up to days. It may state a time before events
  /// already published, and may be one of them again, under its id or another.
  Publication next();

 private:
  Fields fresh();
  void add_type(Fields& fields);
  void add_position(Fields& fields);
  void add_profile(Fields& fields);
  std::string later(Millis at_least, Millis at_most);
  std::string amount();

  Random& random_;
  Instant now_;
  std::size_t accounts_;
  int count_ = 0;
  std::vector<Fields> told_;
  std::vector<std::int64_t> seq_;
};

/// The shipped rules, or those with some of them moved: windows, levels, caps, bounds, lanes, exclusions.
[[nodiscard]] policies::PolicySet random_policies(Random& random);

}  // namespace dun::test
