// Who the customers of the sample are.
#pragma once

#include "domain/credit_event.hpp"
#include "policies/calendar.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dun::sample {

struct Customer {
  std::string account, currency, source;
  const policies::Zone* zone = nullptr;  ///< where the customer lives
  Fields profile;                        ///< as billing sends it; the zone in it may be missing or unknown
  int level = 1;
  bool sends_seq = true;         ///< their producer numbers its events
  bool sends_state = true;       ///< their producer names the credit state
  std::int64_t limit_cents = 0;  ///< credit limit
};

/// Customer number `index` under this seed; the same one whatever else is asked.
[[nodiscard]] Customer make_customer(std::uint64_t seed, int index);

}  // namespace dun::sample
