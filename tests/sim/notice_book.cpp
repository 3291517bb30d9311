#include "tests/sim/notice_book.hpp"

#include <algorithm>

namespace dun::test {
namespace {

bool of_single_fact(NoticeKind kind) {
  return kind == NoticeKind::payment_received || kind == NoticeKind::refund || kind == NoticeKind::charge ||
         kind == NoticeKind::suspended || kind == NoticeKind::resumed;
}

}  // namespace

void NoticeBook::take(const Outcome& outcome, int holds_moved, Violations& out) {
  if (outcome.event_time) said(outcome, holds_moved, out);
  const auto at = notices_.find(outcome.notice.str());
  if (at == notices_.end()) return out.push_back("identity: " + outcome.notice.str() + " has an outcome before it was");
  Notice& notice = at->second;
  switch (outcome.type) {
    case OutcomeType::notice_sent:
      ++notice.sent;
      break;
    case OutcomeType::notice_delivered:
      ++notice.delivered;
      break;
    case OutcomeType::notice_unknown:
      ++notice.unknown;
      break;
    case OutcomeType::notice_failed:
      // A receipt may say that what was sent did not arrive.
      ++(notice.sent > 0 ? notice.undelivered : notice.unsent);
      break;
    case OutcomeType::notice_cancelled:
    case OutcomeType::notice_suppressed:
    case OutcomeType::notice_expired:
    case OutcomeType::notice_unreachable:
      ++notice.unsent;
      break;
    default:
      break;
  }
  if (notice.sent + notice.unsent > 1 || notice.delivered > 1 || notice.undelivered > 1)
    out.push_back("ends: " + outcome.notice.str() + " ended more than once");
}

void NoticeBook::said(const Outcome& outcome, int holds_moved, Violations& out) {
  const std::string id = outcome.notice.str();
  const Content content{.account = outcome.account.str(),
                        .kind = *outcome.kind,
                        .step = outcome.step,
                        .cause = outcome.cause.str(),
                        .fact_time = of_single_fact(*outcome.kind) ? *outcome.event_time : Instant()};
  const bool cause_known = outcome.type != OutcomeType::notice_cancelled;
  const auto decided = decided_.find(id);
  const HoldsMoved holds = decided != decided_.end() ? decided->second : HoldsMoved{holds_moved, holds_moved};
  const auto [at, first] = notices_.try_emplace(id, Notice{.content = content,
                                                           .event_time = *outcome.event_time,
                                                           .decided_at = outcome.decided_at.value_or(outcome.at),
                                                           .cause_known = cause_known,
                                                           .holds = holds});
  if (!first) {
    const Content& known = at->second.content;
    if (cause_known && at->second.cause_known && content.cause != known.cause)
      out.push_back("identity: " + id + " is of " + known.cause + ", and now of " + content.cause);
    if (known.account != content.account || known.kind != content.kind || known.step != content.step)
      out.push_back("identity: " + id + " stands for two notices");
    return;
  }
  of_account_.emplace(content.account, id);
  if (!cause_known) return;
  auto& latest = latest_[content];
  if (const auto before = notices_.find(latest); before != notices_.end()) {
    const bool again = before->second.sent == 0 && before->second.unsent + before->second.unknown > 0;
    const bool restarted = before->second.holds.before < holds.after;  // a hold that ends restarts the ladder (E18)
    if (!again && !restarted) out.push_back("identity: " + id + " says what " + latest + " says");
  }
  latest = id;
}

bool NoticeBook::knows(const std::string& account, const Owed& owed) const {
  const auto [first, last] = of_account_.equal_range(account);
  return std::any_of(first, last, [&](const auto& each) {
    const Notice& notice = notices_.at(each.second);
    const bool alike = notice.content.kind == owed.kind && (!owed.step || notice.content.step == *owed.step);
    if (owed.decided_from) return alike && notice.decided_at >= *owed.decided_from;
    return alike && (!notice.cause_known || notice.content.cause == owed.cause || notice.event_time == owed.event_time);
  });
}

std::set<std::string> NoticeBook::unended_in(const NoticeBook& earlier) const {
  std::set<std::string> ids;
  for (const auto& [id, notice] : notices_) {
    const auto before = earlier.notices_.find(id);
    if (before == earlier.notices_.end() || before->second.sent + before->second.unsent == 0) ids.insert(id);
  }
  return ids;
}

void NoticeBook::expect_no_doubt(Violations& out) const {
  for (const auto& [id, notice] : notices_)
    if (notice.sent + notice.unsent == 0) out.push_back("unknown: " + id + " was never found out about");
}

void NoticeBook::finish(const std::set<std::string>& taken, const std::set<std::string>& excused,
                        Violations& out) const {
  for (const auto& [account, owed] : owed_)
    if (!knows(account, owed))
      out.push_back("owed: " + account + " was never told " + std::string(to_text(owed.kind)) + " for " + owed.cause);
  for (const auto& [id, notice] : notices_) {
    const bool has = taken.contains(id);
    if (notice.sent + notice.unsent + notice.unknown == 0) out.push_back("owed: " + id + " never ended");
    if (notice.sent > 0 && !has) out.push_back("told: " + id + " is called sent, and no gateway has it");
    if (has && notice.sent == 0 && notice.unknown == 0 && !excused.contains(id))
      out.push_back("told: a gateway has " + id + ", and it is called unsent");
  }
  for (const std::string& id : taken)
    if (!notices_.contains(id) && !excused.contains(id)) out.push_back("told: nobody knows of " + id);
}

}  // namespace dun::test
