// What happens to one customer of the sample between the morning of its day and the noon of the next.
#pragma once

#include "tools/sample/population.hpp"
#include "tools/sample/random.hpp"

#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <optional>
#include <vector>

namespace dun::sample {

/// One thing that becomes true, and how billing tells it.
struct Step {
  EventType type = EventType::credit_changed;
  Instant time{};
  std::optional<CreditState> state;
  std::optional<std::int64_t> balance_cents, amount_cents;
  std::optional<Instant> due_at, suspend_at, exhausts_at, charge_at, until;
  bool with_profile = false;
  bool overtaken = false;  ///< arrives only after the next step, which makes it superseded
};

/// The day that is played, and how much of it.
struct Stage {
  date::local_days day;  ///< a month's end, on each customer's own calendar
  Instant begins{};
  Instant ends{};  ///< what would happen later does not
};

/// In the order of time, which grows strictly. Empty when all of it would happen after the stage's end.
[[nodiscard]] std::vector<Step> make_script(std::uint64_t seed, int index, const Customer& customer,
                                            const Stage& stage);

}  // namespace dun::sample
