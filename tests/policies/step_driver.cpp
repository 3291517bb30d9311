#include "tests/policies/step_driver.hpp"

#include "policies/calendar.hpp"
#include "policies/rules/ladder.hpp"
#include "policies/situation.hpp"
#include "tests/support/scenario.hpp"

#include <algorithm>
#include <stdexcept>

namespace dun::test {

using policies::Claim;
using policies::Settled;

StepDriver::StepDriver(policies::PolicySet policies, std::string account)
    : account_(std::move(account)), policies_(std::move(policies)), gateway_([](const Claim&) { return Answer(); }) {
  task_.account = account_;
}

StepDriver& StepDriver::event(const std::string& line) {
  Fields fields = story_event(line, ++count_);
  std::ranges::find(fields, "account", &Field::first)->second = account_.str();
  return event(std::move(fields), at(line.substr(0, line.find(' '))));
}

StepDriver& StepDriver::event(Fields fields, Instant arrival) {
  if (arrival > now_) until(arrival - Millis(1));
  now_ = std::max(arrival, now_);
  const auto parsed = parse_event(fields, policies::event_bounds(policies_, now_));
  if (!parsed) throw std::runtime_error(parsed.error().field + ": " + parsed.error().reason);
  step(policies::EventArrived{&*parsed});
  return until(now_);
}

StepDriver& StepDriver::until(const std::string& time) {
  return until(at(time));
}

StepDriver& StepDriver::until(Instant time) {
  for (auto due = next(); due && *due <= time; due = next()) {
    now_ = std::max(now_, *due);
    fire_timers();
    take_turns();
  }
  now_ = std::max(now_, time);
  return *this;
}

StepDriver& StepDriver::stall_until(const std::string& time) {
  return stall_until(at(time));
}

StepDriver& StepDriver::stall_until(Instant time) {
  now_ = time;
  return *this;
}

StepDriver& StepDriver::run_out(Millis most) {
  const Instant end = now_ + most;
  for (auto due = next(); due && *due <= end; due = next()) until(*due);
  return *this;
}

StepDriver& StepDriver::gateway(Gateway gateway) {
  gateway_ = std::move(gateway);
  return *this;
}

StepDriver& StepDriver::policies(policies::PolicySet policies) {
  policies_ = std::move(policies);
  return *this;
}

StepDriver& StepDriver::answer(std::uint32_t ordinal, const Answer& answer) {
  const auto at = std::ranges::find(in_flight_, ordinal, &Claim::ordinal);
  if (at == in_flight_.end()) throw std::runtime_error("not in flight");
  const Claim claim = *at;
  in_flight_.erase(at);
  settle(claim, answer);
  return until(now_);
}

StepDriver& StepDriver::returned(std::uint32_t ordinal) {
  const auto at = std::ranges::find(in_flight_, ordinal, &Claim::ordinal);
  if (at == in_flight_.end()) throw std::runtime_error("not in flight");
  PendingNotice& notice = *find(ordinal);
  notice.in_flight = false;
  shelf_.insert(shelf_.begin(), {.shelving = {.lane = notice.lane,
                                              .at = now_,
                                              .ordinal = ordinal,
                                              .generation = notice.generation,
                                              .decided_at = notice.decided_at},
                                 .opens = now_,
                                 .of_task = to_manager(notice.kind)});
  in_flight_.erase(at);
  return until(now_);
}

StepDriver& StepDriver::receipt(const NoticeId& notice, ReceiptStatus status) {
  return event({{"id", "r" + std::to_string(++count_)},
                {"type", "dun.receipt"},
                {"account", account_.str()},
                {"time", to_rfc3339(now_)},
                {"notice", notice.str()},
                {"status", std::string(to_text(status))},
                {"gateway", "g"}},
               now_);
}

StepDriver& StepDriver::status(Status status) {
  status_ = std::move(status);
  return *this;
}

StepDriver& StepDriver::say(const Answer& answer) {
  const policies::Ask question = std::exchange(question_in_flight_, std::nullopt).value();
  settle(question, answer);
  return until(now_);
}

policies::Verdict StepDriver::verdict_of(const Answer& answer) const {
  switch (answer.result) {
    case Result::accepted:
      return policies::Accepted{.gateway_id = {}, .receipt = answer.receipt};
    case Result::rejected:
      return policies::Rejected{};
    case Result::retry:
      return policies::ToRepeat{.at = now_ + answer.after, .perhaps_taken = answer.perhaps_taken};
    case Result::unknown:
      break;
  }
  return policies::InDoubt{.until = now_ + answer.after, .ask = answer.then_ask, .then_repeat = answer.then_repeat};
}

void StepDriver::settle(const policies::Ask& question, const Answer& answer) {
  policies::Verdict verdict = verdict_of(answer);
  if (auto* accepted = std::get_if<policies::Accepted>(&verdict)) accepted->gateway_id = "m1";
  step_notice(question.ordinal, Settled{.attempt = {.ordinal = question.ordinal,
                                                    .claimed_at = now_,
                                                    .number = question.attempt,
                                                    .gateway = question.gateway,
                                                    .to = question.to},
                                        .errand = question.question,
                                        .verdict = std::move(verdict),
                                        .detail = {},
                                        .reason = answer.reason});
}

void StepDriver::settle(const Claim& claim, const Answer& answer) {
  step_notice(claim.ordinal, Settled{.attempt = {.ordinal = claim.ordinal,
                                                 .claimed_at = claim.message.now,
                                                 .number = claim.attempt,
                                                 .gateway = "g",
                                                 .to = claim.to},
                                     .errand = Submission(),
                                     .verdict = verdict_of(answer),
                                     .detail = {},
                                     .reason = answer.reason});
}

void StepDriver::claim(const Claim& claim) {
  find(claim.ordinal)->in_flight = true;
  claims_.push_back(claim);
  if (const auto said = gateway_(claim))
    settle(claim, *said);
  else
    in_flight_.push_back(claim);
}

void StepDriver::ask(const policies::Ask& question) {
  find(question.ordinal)->in_flight = true;
  asked_.push_back(question);
  if (const auto said = status_(question))
    settle(question, *said);
  else
    question_in_flight_ = question;
}

PendingNotice* StepDriver::find(std::uint32_t ordinal) {
  for (NoticeBook* book : {static_cast<NoticeBook*>(&record_), static_cast<NoticeBook*>(&task_)})
    if (const auto at = std::ranges::find(book->pending, ordinal, &PendingNotice::ordinal); at != book->pending.end())
      return &*at;
  return nullptr;
}

void StepDriver::step(const policies::Input& input) {
  auto effects = policies::step(account_, record_, input, policies_, now_);
  const auto* arrived = std::get_if<policies::EventArrived>(&input);
  if (arrived != nullptr && effects.taken == policies::Taken::receipt_unknown) {
    auto of_task = policies::cases::step(task_, policies::cases::ReceiptCame{arrived->event}, policies_, now_);
    effects.taken = of_task.taken;
    take_in(std::move(of_task), true);
  }
  take_in(std::move(effects), false);
}

void StepDriver::step_task(const policies::cases::TaskInput& input) {
  take_in(policies::cases::step(task_, input, policies_, now_), true);
}

template <typename What>
void StepDriver::step_notice(std::uint32_t ordinal, const What& what) {
  const bool of_task = std::ranges::count(task_.pending, ordinal, &PendingNotice::ordinal) > 0;
  of_task ? step_task(what) : step(what);
}

void StepDriver::take_in(policies::Effects effects, bool of_task) {
  for (const policies::Shelving& shelving : effects.shelvings) {
    // Shelves are whole seconds: what may go at once joins the present one, the rest the first at which it may.
    const Instant opens = shelving.at <= now_ ? now_ : Instant(date::ceil<Seconds>(shelving.at));
    const auto behind = std::ranges::upper_bound(shelf_, opens, {}, &Place::opens);
    shelf_.insert(behind, {.shelving = shelving, .opens = opens, .of_task = of_task});
  }
  if (effects.wake) timers_.push_back(*effects.wake);
  if (effects.taken != policies::Taken::not_an_event) taken_ = effects.taken;
  auto told = effects.outcomes.begin();
  for (const policies::cases::Letter& letter : effects.letters) {
    const auto until = effects.outcomes.begin() + static_cast<std::ptrdiff_t>(letter.outcomes_before);
    outcomes_.insert(outcomes_.end(), told, until);
    told = until;
    step_task(letter);
  }
  outcomes_.insert(outcomes_.end(), told, effects.outcomes.end());
  for (const PendingNotice& notice : effects.untold) step(policies::ManagerUntold{notice});
  if (!effects.permission) return;
  if (const auto* claimed = std::get_if<Claim>(&*effects.permission)) return claim(*claimed);
  ask(std::get<policies::Ask>(*effects.permission));
}

void StepDriver::fire_timers() {
  while (!timers_.empty() && *std::ranges::min_element(timers_) <= now_) {
    const auto first = std::ranges::min_element(timers_);
    const Instant due = *first;
    timers_.erase(first);
    step(policies::TimerFired{due});
  }
  if (const auto wakes = policies::cases::next_wake(task_); wakes && *wakes <= now_) {
    step_task(policies::cases::Woken());
    if (policies::cases::is_over(task_, now_)) task_.sent.clear();
  }
}

void StepDriver::take_turns() {
  while (!shelf_.empty() && shelf_.front().opens <= now_) {
    const Place place = shelf_.front();
    shelf_.erase(shelf_.begin());
    const policies::TurnCome turn{.ordinal = place.shelving.ordinal, .generation = place.shelving.generation};
    place.of_task ? step_task(turn) : step(turn);
  }
}

std::optional<Instant> StepDriver::next() const {
  std::optional<Instant> due;
  if (!shelf_.empty()) due = shelf_.front().opens;
  if (!timers_.empty()) {
    const Instant timer = *std::ranges::min_element(timers_);
    if (!due || timer < *due) due = timer;
  }
  if (const auto wakes = policies::cases::next_wake(task_)) due = std::min(due.value_or(*wakes), *wakes);
  return due;
}

std::vector<std::string> StepDriver::told(const std::vector<std::string>& types) const {
  return told_lines(outcomes_, types);
}

const Outcome& StepDriver::last(OutcomeType type) const {
  const auto at = std::ranges::find(outcomes_.rbegin(), outcomes_.rend(), type, &Outcome::type);
  if (at == outcomes_.rend()) throw std::runtime_error("no outcome of type " + std::string(to_text(type)));
  return *at;
}

bool StepDriver::on_shelf(const PendingNotice& notice) const {
  return std::ranges::count_if(shelf_, [&](const Place& place) {
           return place.shelving.ordinal == notice.ordinal && place.shelving.generation == notice.generation &&
                  place.shelving.lane == notice.lane;
         }) == 1;
}

std::optional<std::string> StepDriver::stuck(const PendingNotice& notice, const NoticeBook& book,
                                             std::optional<Instant> wakes) const {
  if (notice.in_flight && is_in_doubt(notice))
    return question_in_flight_ ? std::nullopt : std::optional<std::string>("marked as asked about and is not");
  if (notice.in_flight) {
    const bool out = std::ranges::count(in_flight_, notice.ordinal, &Claim::ordinal) == 1;
    return out && !on_shelf(notice) ? std::nullopt : std::optional<std::string>("marked in flight and is not");
  }
  if (is_held(notice)) {
    if (!on_shelf(notice)) return "held and on no shelf, or on two";
    return std::nullopt;
  }
  if (std::holds_alternative<ToBeAsked>(notice.state))
    return on_shelf(notice) ? std::nullopt : std::optional<std::string>("never asked about");
  if (const auto* doubt = std::get_if<AwaitingReceipt>(&notice.state)) {
    if (!wakes || *wakes > doubt->until) return "in doubt, and no timer ends the wait";
    return std::nullopt;
  }
  if (on_shelf(notice)) return "parked and on a shelf";
  const bool behind = std::ranges::any_of(book.pending, [&](const PendingNotice& other) {
    const bool older = other.ordinal < notice.ordinal && other.lane == notice.lane;
    return other.in_flight || (older && !is_parked(other));
  });
  return behind ? std::nullopt : std::optional<std::string>("parked behind nothing");
}

std::optional<std::string> StepDriver::stuck(const NoticeBook& book, std::optional<Instant> wakes) const {
  for (const PendingNotice& notice : book.pending)
    if (const auto problem = stuck(notice, book, wakes))
      return std::string(to_text(notice.kind)) + " " + std::to_string(notice.ordinal) + " is " + *problem;
  if (std::ranges::count(book.pending, true, &PendingNotice::in_flight) > 1) return "two notices in flight";
  return std::nullopt;
}

std::optional<std::string> StepDriver::stuck() const {
  if (auto problem = stuck(record_, record_.wake_at)) return problem;
  if (auto problem = stuck(task_, policies::cases::next_wake(task_))) return problem;
  if (record_.wake_at && std::ranges::count(timers_, *record_.wake_at) == 0) return "wake_at without a timer";
  const auto* zone = policies::find_zone(record_.profile.zone);
  if (zone == nullptr) zone = policies::find_zone(policies_.default_zone);
  const bool held = std::max(record_.dispute_until, record_.promise_until) > now_;
  const auto step_at = policies::rules::next_step_at(policies_.ladder, record_.episode, *zone);
  if (record_.closed || !policies::owes(record_.credit) || !step_at) return std::nullopt;
  // Behind a stall the timer of a due step may not have been looked at yet.
  const bool timer_due = record_.wake_at && *record_.wake_at <= now_;
  if (*step_at <= now_ && !held && !timer_due) return "a ladder step is due and was not issued";
  if (*step_at > now_ && (!record_.wake_at || *record_.wake_at > *step_at)) return "no timer for the next ladder step";
  if (*step_at <= now_ && held && !record_.wake_at) return "a held ladder waits for no timer";
  return std::nullopt;
}

std::vector<policies::Claim> claims_of(const StepDriver& driver, NoticeKind kind) {
  std::vector<policies::Claim> found;
  std::ranges::copy_if(driver.claims(), std::back_inserter(found),
                       [&](const policies::Claim& claim) { return claim.message.kind == kind; });
  return found;
}

std::string march(int day, const std::string& time) {
  return (day < 10 ? "2026-03-0" : "2026-03-") + std::to_string(day) + "T" + time + "+08:00";
}

}  // namespace dun::test
