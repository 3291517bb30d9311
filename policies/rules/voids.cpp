#include "policies/rules/voids.hpp"

#include "policies/notices/notices.hpp"

#include <algorithm>

namespace dun::policies::rules {
namespace {

/// A notice of the episode that ended unsent may be decided anew later, under a new id.
void forget_unsent(Episode& episode, const PendingNotice& notice, std::string_view reason) {
  if (notice.episode != episode.key || reason == "lead_time.later_warning") return;
  if (notice.kind == NoticeKind::suspension_warning) {
    // What is in doubt keeps the date that it told; of another one a later warning tells, or has told.
    if (notice.tried.perhaps_taken && notice.announced != episode.told.date(Hearer::customer, notice.kind)) return;
    episode.told.forget_date(Hearer::customer, notice.kind);
    // An earlier one has told that there will be a suspension.
    if (std::ranges::count(notice.reasons, "lead_time.another_date") != 0) return;
  }
  ++episode.repeat;
  episode.told.forget(Hearer::customer, notice.kind);
  if (notice.kind == NoticeKind::dunning && reason != "ladder.later_step")
    episode.ladder_step = std::min(episode.ladder_step, notice.step - 1);
}

}  // namespace

void end_void(Situation& now, std::string (*voids)(const Situation&, const PendingNotice&)) {
  std::vector<std::pair<std::uint32_t, std::string>> ended;
  for (const PendingNotice& notice : now.record.pending) {
    if (notice.in_flight || is_in_doubt(notice)) continue;
    if (auto reason = voids(now, notice); !reason.empty()) ended.emplace_back(notice.ordinal, std::move(reason));
  }
  for (auto& [ordinal, reason] : ended) {
    forget_unsent(now.record.episode, *find_notice(now.record, ordinal), reason);
    end_notice(now, ordinal, OutcomeType::notice_cancelled, std::move(reason));
  }
}

}  // namespace dun::policies::rules
