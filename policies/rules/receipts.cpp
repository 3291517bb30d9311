#include "policies/rules/receipts.hpp"

#include "policies/notices/settle.hpp"

#include <algorithm>

namespace dun::policies::rules {
namespace {

std::optional<Instant> first_end(const Situation& now) {
  std::optional<Instant> first;
  for (const PendingNotice& notice : now.record.pending)
    if (const auto* doubt = std::get_if<AwaitingReceipt>(&notice.state); doubt != nullptr && doubt->until > now.now)
      first = std::min(first.value_or(doubt->until), doubt->until);
  return first;
}

void end_waits(Situation& now) {
  end_doubts(now);
}

}  // namespace

const Rule receipts_rule{.ends = end_waits, .next = first_end};

}  // namespace dun::policies::rules
