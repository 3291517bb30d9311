// Nothing gets stuck and nothing is told twice, whatever comes in whatever order: one account driven through random
// events, answers, receipts and changes of rules, with every notice and timer looked at after each.
#include "tests/policies/random_story.hpp"
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace dun::test {
namespace {

using policies::Claim;
using Answer = StepDriver::Answer;
using Result = StepDriver::Result;

/// A gateway in a bad mood: most is taken, the rest is refused, put off, left without an answer, or not answered yet.
std::optional<Answer> moody(Random& random) {
  const std::uint64_t dice = random.below(100);
  if (dice < 55) return Answer();
  if (dice < 70) {
    const bool perhaps = random.percent(30);
    return Answer{.result = Result::retry,
                  .after = std::chrono::seconds(random.between(0, 300)),
                  .reason = perhaps ? "gateway.unknown" : "",
                  .perhaps_taken = perhaps};
  }
  if (dice < 82)
    return Answer{.result = Result::unknown,
                  .after = std::chrono::seconds(random.between(0, 4000)),
                  .reason = "gateway.unknown",
                  .then_repeat = random.percent(50)};
  if (dice < 87) return Answer{.result = Result::rejected};
  return std::nullopt;
}

class RandomLife {
 public:
  explicit RandomLife(std::uint64_t seed)
      : random_(seed),
        driver_(random_policies(random_), "A0"),
        teller_(random_, at("2026-02-20T00:00:00Z") + Seconds(random_.between(0, 250 * 86'400)), 1) {
    driver_.gateway([this](const Claim&) { return calm_ ? Answer() : moody(random_); });
  }

  /// What went wrong, or nothing.
  std::optional<std::string> live(int events) {
    for (int i = 0; i < events; ++i) {
      Publication next = teller_.next();
      // A random point on the way there, so that states between events are seen too.
      driver_.until(driver_.now() + (next.arrival - driver_.now()) / random_.between(1, 4));
      if (auto wrong = driver_.stuck()) return wrong;
      if (random_.percent(5)) driver_.stall_until(driver_.now() + std::chrono::minutes(random_.between(0, 3000)));
      if (random_.percent(25)) something_from_the_gateway();
      if (auto wrong = driver_.stuck()) return wrong;
      if (random_.percent(2))
        change_rules();
      else if (parse_event(next.fields, policies::event_bounds(driver_.policies(), next.arrival)))
        driver_.event(std::move(next.fields), next.arrival);
      if (auto wrong = driver_.stuck()) return wrong;
    }
    return end();
  }

  const StepDriver& driver() const { return driver_; }

 private:
  /// All but the ladder: a step that a new ladder asks for sooner waits for the timer that is armed.
  void change_rules() {
    auto set = random_policies(random_);
    set.ladder = driver_.policies().ladder;
    driver_.policies(std::move(set));
  }

  void something_from_the_gateway() {
    if (!driver_.in_flight().empty()) {
      const Claim claim = driver_.in_flight().front();
      if (random_.percent(30)) {
        driver_.receipt(claim.notice, random_.percent(80) ? ReceiptStatus::delivered : ReceiptStatus::failed);
      } else if (random_.percent(30)) {
        driver_.returned(claim.ordinal);
      } else if (const auto answer = moody(random_)) {
        driver_.answer(claim.ordinal, *answer);
      }
    } else if (!driver_.claims().empty()) {
      const auto& claims = driver_.claims();
      const std::size_t back = random_.below(std::min<std::size_t>(claims.size(), 4));
      driver_.receipt(claims.at(claims.size() - 1 - back).notice, ReceiptStatus::delivered);
    }
  }

  std::optional<std::string> end() {
    calm_ = true;
    while (!driver_.in_flight().empty()) driver_.answer(driver_.in_flight().front().ordinal, {});
    driver_.run_out(date::days(400));
    if (auto wrong = driver_.stuck()) return wrong;
    if (!driver_.record().pending.empty()) return "a notice is left over at the end of all time";
    return ends_of_notices();
  }

  /// Every notice has exactly one end, and nothing is said of it after that but its receipt.
  std::optional<std::string> ends_of_notices() const {
    std::map<std::string, int> ends;
    std::set<std::string> seen;
    for (const Outcome& outcome : driver_.outcomes()) {
      if (outcome.notice.empty() || outcome.type == OutcomeType::suspension_at_risk) continue;
      const std::string& id = outcome.notice.str();
      seen.insert(id);
      if (ends_it(outcome)) ++ends[id];
    }
    for (const std::string& id : seen)
      if (ends[id] != 1) return "notice " + id + " has " + std::to_string(ends[id]) + " ends";
    return std::nullopt;
  }

  static bool ends_it(const Outcome& outcome) {
    const std::string why = outcome.reasons.empty() ? "" : outcome.reasons.back();
    switch (outcome.type) {
      case OutcomeType::notice_sent:
      case OutcomeType::notice_cancelled:
      case OutcomeType::notice_suppressed:
      case OutcomeType::notice_expired:
      case OutcomeType::notice_unreachable:
        return true;
      case OutcomeType::notice_failed:
        return why != "gateway.undelivered";  // a receipt's news of what was sent
      case OutcomeType::notice_unknown:
        return why != "gateway.unknown";  // that is the beginning of the wait
      default:
        return false;
    }
  }

  Random random_;
  bool calm_ = false;
  StepDriver driver_;
  StoryTeller teller_;
};

std::string tell(const StepDriver& driver) {
  std::string text;
  for (const Outcome& outcome : driver.outcomes()) {
    text += to_rfc3339(outcome.at) + " " + std::string(to_text(outcome.type));
    if (outcome.kind) text += " " + std::string(to_text(*outcome.kind)) + " " + std::to_string(outcome.step);
    text += " " + outcome.notice.str() + " " + outcome.event_type + " " + outcome.cause.str() + " " + outcome.detail;
    for (const std::string& reason : outcome.reasons) text += "," + reason;
    text += "\n";
  }
  for (const PendingNotice& notice : driver.record().pending)
    text += "pending " + std::to_string(notice.ordinal) + " " + std::string(to_text(notice.kind)) + " state " +
            std::to_string(notice.state.index()) + " lane " + std::string(to_text(notice.lane)) + " due " +
            to_rfc3339(due_at(notice)) + (notice.in_flight ? " in flight" : "") + "\n";
  return text + "now " + to_rfc3339(driver.now());
}

TEST(StepProperty, NoNoticeAndNoLadderIsEverStuckAndEveryNoticeEndsOnce) {
  const std::uint64_t first = run_seed();
  for (std::uint64_t seed = first; seed < first + 4000; ++seed) {
    RandomLife life(seed);
    const auto wrong = life.live(60);
    ASSERT_FALSE(wrong) << *wrong << "\nDUN_SEED=" << seed << "\n" << tell(life.driver());
  }
}

}  // namespace
}  // namespace dun::test
