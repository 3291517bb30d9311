// Whole stories on virtual time through the real partition engine, with the shipped rules: thousands of random
// sequences of events held to the contract by a checker that knows nothing of policies/, and the ladder and the warning
// of undisturbed accounts held to a calendar worked out another way.
#include "policies/calendar.hpp"
#include "tests/policies/random_story.hpp"
#include "tests/policies/story_checker.hpp"
#include "tests/policies/wall_clock.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::vector<Publication> random_story(std::uint64_t seed, std::size_t accounts, int events) {
  Random random(seed);
  const Instant start = at("2026-02-20T00:00:00Z") + Seconds(random.between(0, 250 * 86'400));
  StoryTeller teller(random, start, accounts);
  std::vector<Publication> story;
  for (int i = 0; i < events; ++i) story.push_back(teller.next());
  return story;
}

std::vector<Outcome> play(const std::vector<Publication>& story) {
  std::vector<Outcome> outcomes;
  scheduler::Simulation simulation(rules(), [&](const Outcome& outcome) { outcomes.push_back(outcome); });
  for (const Publication& each : story) simulation.publish(each.fields, each.arrival);
  simulation.run_out(simulation.now() + date::days(400));
  return outcomes;
}

std::string print(const std::vector<Outcome>& outcomes, const std::string& account = {}) {
  std::string text;
  for (const Outcome& outcome : outcomes) {
    if (!account.empty() && outcome.account.str() != account) continue;
    for (const auto& [name, value] : to_fields(outcome)) text += name + "=" + value + " ";
    text += "\n";
  }
  return text;
}

TEST(StoryProperty, TheContractHoldsWhateverHappens) {
  const std::uint64_t first = run_seed();
  std::size_t sent = 0;
  for (std::uint64_t seed = first; seed < first + 2500; ++seed) {
    const auto story = random_story(seed, 4, 120);
    const auto outcomes = play(story);
    StoryChecker checker(story);
    for (const Outcome& outcome : outcomes) {
      checker.take(outcome);
      sent += outcome.type == OutcomeType::notice_sent ? 1 : 0;
      ASSERT_FALSE(checker.broken()) << *checker.broken() << "\nDUN_SEED=" << seed << "\n"
                                     << print(outcomes, outcome.account.str());
    }
    checker.finish();
    ASSERT_FALSE(checker.broken()) << *checker.broken() << "\nDUN_SEED=" << seed << "\n" << print(outcomes);
  }
  EXPECT_GT(sent, 50'000U) << "stories in which nothing is sent show nothing";
}

TEST(StoryProperty, TheSameStoryHasTheSameOutcomesByteForByte) {
  for (std::uint64_t seed = run_seed(); seed < run_seed() + 100; ++seed) {
    const auto story = random_story(seed, 6, 150);
    ASSERT_EQ(print(play(story)), print(play(story))) << "DUN_SEED=" << seed;
  }
}

// ------------------------------------------------------------------------------------------ undisturbed accounts

const std::vector<policies::QuietWindow> night{{.name = "night"}};

class Undisturbed {
 public:
  explicit Undisturbed(Random& random)
      : random_(random),
        zone_(random.pick(date::get_tzdb().zones)),
        start_(pick_start()),
        clock_(zone_, start_ - date::days(30), start_ + date::days(60)),
        quiet_(all_quiet(night, clock_, start_ - date::days(10), start_ + date::days(40))) {}

  const date::time_zone& zone() const { return zone_; }
  Instant start() const { return start_; }
  Instant days_later(int days) const { return clock_.first_showing(clock_.shows(start_) + date::days(days)); }
  Instant after_quiet(Instant at) const {
    for (const Span& span : quiet_)
      if (span.began <= at && at < span.ends) return span.ends;
    return at;
  }
  /// The start of the quiet that `at` falls into.
  std::optional<Instant> quiet_since(Instant at) const {
    for (const Span& span : quiet_)
      if (span.began <= at && at < span.ends) return span.began;
    return std::nullopt;
  }
  std::string name() const {
    return zone_.name() + " at " + to_rfc3339(start_) + ", seed " + std::to_string(run_seed());
  }

 private:
  Instant pick_start() {
    const auto changes = transitions(zone_, date::year(2010), date::year(2036));
    const Instant somewhere = at("2010-01-01T00:00:00Z") + Seconds(random_.between(0, 25 * 365 * 86'400LL));
    if (changes.empty() || random_.percent(30)) return somewhere;
    return random_.pick(changes) - Seconds(random_.between(0, 8 * 86'400));
  }

  Random& random_;
  const date::time_zone& zone_;
  Instant start_;
  WallClock clock_;
  std::vector<Span> quiet_;
};

std::vector<Outcome> tell(const Undisturbed& account, const std::string& event, const std::string& paid = {}) {
  Scenario story;
  const std::string zone = " zone=" + account.zone().name();
  story.event(to_rfc3339(account.start()) + " " + event + zone);
  if (!paid.empty()) story.event(paid + zone);
  story.run_out();
  return story.of(OutcomeType::notice_sent);
}

TEST(StoryProperty, AnUndisturbedLadderIsSentOnItsDaysInEveryZone) {
  Random random(run_seed());
  for (int round = 0; round < 4000; ++round) {
    const Undisturbed account(random);
    if (account.zone().name() == "localtime") continue;
    const Instant paid_at = account.start() + Seconds(random.between(1, 10 * 86'400));
    std::vector<Instant> expected;
    for (const int days : {0, 3, 7}) {
      const Instant planned = days == 0 ? account.start() : account.days_later(days);
      if (account.after_quiet(planned) < paid_at) expected.push_back(account.after_quiet(planned));
    }
    const auto sent =
        tell(account, "credit.changed state=arrears", to_rfc3339(paid_at) + " credit.changed state=clear");
    std::vector<Instant> actual;
    for (const Outcome& outcome : sent) actual.push_back(*outcome.sent_at);
    ASSERT_TRUE(actual == expected) << account.name() << ", paid " << to_rfc3339(paid_at) << "\n" << print(sent);
  }
}

TEST(StoryProperty, AWarningIsSentByTheRuleInEveryZone) {
  Random random(run_seed() + 1);
  for (int round = 0; round < 4000; ++round) {
    const Undisturbed account(random);
    if (account.zone().name() == "localtime") continue;
    const Instant suspend_at = account.start() + hours(25) + Seconds(random.between(0, 6 * 86'400));
    Instant expected = suspend_at - hours(24);
    if (const auto since = account.quiet_since(expected)) expected = *since - minutes(30);
    if (expected < account.start()) expected = account.after_quiet(account.start());
    const auto sent = tell(account, "suspension.scheduled suspend_at=" + to_rfc3339(suspend_at));
    if (expected >= suspend_at) {
      ASSERT_TRUE(sent.empty()) << account.name();
      continue;
    }
    ASSERT_EQ(sent.size(), 1U) << account.name() << ", suspension " << to_rfc3339(suspend_at);
    ASSERT_EQ(to_rfc3339(*sent.front().sent_at), to_rfc3339(expected))
        << account.name() << ", suspension " << to_rfc3339(suspend_at);
  }
}

}  // namespace
}  // namespace dun::test
