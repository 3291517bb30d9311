#include "tests/sim/watch.hpp"

#include <algorithm>

namespace dun::test {
namespace {

using std::chrono::minutes;

constexpr int troubles_there_are = 3;
constexpr Millis again_every = minutes(1);
constexpr Millis counts_for = minutes(3);

}  // namespace

void Watch::turn(const std::vector<Reporter>& reporters, Instant now, bool calm) {
  for (const Reporter& reporter : reporters)
    if (!calm && dice_.below(400) == 0) begin(reporter, now);
  for (std::size_t i = 0; i < troubles_.size();) {
    Trouble& trouble = troubles_[i];
    const auto reporter = std::ranges::find(reporters, trouble.witness, &Reporter::name);
    const bool over = trouble.ends <= now;
    // One that died, or stands still, says nothing.
    if (over || trouble.say_at <= now) {
      if (reporter != reporters.end()) report(*reporter, trouble.name, !over);
      trouble.say_at = now + again_every;
    }
    if (over)
      troubles_.erase(troubles_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

void Watch::begin(const Reporter& reporter, Instant now) {
  const std::string name = "trouble." + std::to_string(dice_.below(troubles_there_are));
  const bool sees_it = std::ranges::any_of(
      troubles_, [&](const Trouble& trouble) { return trouble.name == name && trouble.witness == reporter.name; });
  if (sees_it) return;
  report(reporter, name, true);
  troubles_.push_back({.name = name,
                       .witness = reporter.name,
                       .ends = now + Millis(dice_.between(1000, Millis(minutes(6)).count())),
                       .say_at = now + again_every});
}

void Watch::report(const Reporter& reporter, const std::string& name, bool seen) {
  if (seen) ++seen_[name];
  ++reports_;
  CaseEvent event{.about = alert_case(name, ""),
                  .time = reporter.now,
                  .witness = reporter.name,
                  .run = "1",
                  .number = ++numbers_[reporter.name],
                  .name = name,
                  .detail = seen ? "seen" : "over"};
  event.id = case_event_id(event);
  if (seen) event.counts_for = counts_for;
  reporter.report(event);
}

std::optional<Instant> Watch::next() const {
  std::optional<Instant> first;
  for (const Trouble& trouble : troubles_) {
    const Instant at = std::min(trouble.ends, trouble.say_at);
    first = std::min(first.value_or(at), at);
  }
  return first;
}

}  // namespace dun::test
