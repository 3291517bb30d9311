#include "tools/sample/script.hpp"

#include <algorithm>
#include <array>

namespace dun::sample {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Millis from_minutes(std::int64_t count) {
  return minutes(count);
}

/// One customer's day as it is being written.
class Plot {
 public:
  Plot(const Customer& customer, const Stage& stage, Random& random)
      : customer_(customer), stage_(stage), random_(random) {}

  [[nodiscard]] Random& random() { return random_; }
  /// The instant of a wall time of the customer; `minute` counts from the midnight on which the stage's day begins.
  [[nodiscard]] Instant at(std::int64_t minute) {
    const policies::LocalTime local = policies::LocalTime(stage_.day) + from_minutes(minute);
    const Instant instant = policies::to_instant(local, *customer_.zone, policies::Reading::earliest);
    return instant + seconds(random_.below(60)) + Millis(random_.below(1000));
  }
  [[nodiscard]] Instant between(std::int64_t from, std::int64_t until) { return at(random_.between(from, until)); }

  Step& add(EventType type, Instant time) {
    steps_.push_back({.type = type, .time = time});
    return steps_.back();
  }
  Step& owes(Instant time, std::int64_t debt_cents) {
    Step& step = add(EventType::credit_changed, time);
    step.state = CreditState::arrears;
    // Below the limit by the whole debt, so that the balance alone says arrears too.
    step.balance_cents = -customer_.limit_cents - debt_cents;
    return step;
  }
  Step& is_clear(Instant time) {
    Step& step = add(EventType::credit_changed, time);
    step.state = CreditState::clear;
    step.balance_cents = random_.between(0, 80'00);
    return step;
  }
  Step& pays(Instant time, std::int64_t amount_cents, std::optional<std::int64_t> balance_cents) {
    Step& step = add(EventType::payment_received, time);
    step.amount_cents = amount_cents;
    step.balance_cents = balance_cents;
    return step;
  }
  [[nodiscard]] std::int64_t limit_cents() const { return customer_.limit_cents; }
  [[nodiscard]] std::vector<Step> take() { return std::move(steps_); }

 private:
  const Customer& customer_;
  const Stage& stage_;
  Random& random_;
  std::vector<Step> steps_;
};

constexpr std::int64_t clock(std::int64_t hour, std::int64_t minute = 0) {
  return hour * 60 + minute;
}

/// The billing run of the month's end: most around 21:15, the last ones well into the night.
Instant peak(Plot& plot) {
  return plot.at(plot.random().around(clock(17, 30), clock(25)));
}

std::int64_t some_debt(Plot& plot) {
  return plot.random().between(5'00, 900'00);
}

/// Somebody pays all of it: one payment that says so or leaves it open, and often the new position just behind it.
void settles(Plot& plot, Instant time, std::int64_t debt_cents) {
  const std::optional<std::int64_t> remaining =
      plot.random().chance(700) ? std::optional<std::int64_t>(0) : std::nullopt;
  plot.pays(time, plot.limit_cents() + debt_cents, remaining);
  if (plot.random().chance(600)) plot.is_clear(time + seconds(plot.random().between(2, 30)));
}

void routine(Plot& plot) {
  plot.add(EventType::account_updated, plot.between(clock(8), clock(20)));
}

void falls_into_arrears(Plot& plot) {
  Random& random = plot.random();
  if (random.chance(300)) plot.add(EventType::account_updated, plot.between(clock(8), clock(16)));
  const Instant since = peak(plot);
  std::int64_t debt = some_debt(plot);
  const bool grows = random.chance(300);
  Step& first = plot.owes(since, debt);
  first.due_at = since + hours(24 * 5);
  first.overtaken = grows && random.chance(200);
  Instant last = since;
  if (grows) {
    last += minutes(random.between(3, 40));
    debt += random.between(1'00, 40'00);
    plot.owes(last, debt);
  }
  const std::int64_t roll = random.below(1000);
  if (roll < 250) {
    settles(plot, std::max(plot.between(clock(22), clock(31)), last + minutes(1)), debt);  // in the night
  } else if (roll < 370) {
    settles(plot, last + minutes(random.between(20, 180)), debt);
  } else if (roll < 470) {
    const std::int64_t part = debt * random.between(20, 80) / 100;
    plot.pays(last + minutes(random.between(10, 480)), part, -plot.limit_cents() - (debt - part));
  }
}

void runs_low(Plot& plot) {
  const Instant time = plot.between(clock(9), clock(23));
  Step& step = plot.add(EventType::credit_changed, time);
  step.state = CreditState::low;
  step.balance_cents = plot.random().between(1'00, 20'00) - plot.limit_cents();
  step.exhausts_at = time + hours(plot.random().between(8, 96));
}

void is_to_be_suspended(Plot& plot) {
  Random& random = plot.random();
  const Instant since = plot.between(clock(9), clock(12));
  const std::int64_t debt = some_debt(plot);
  plot.owes(since, debt).due_at = since - hours(24);
  const Instant planned = plot.between(clock(13), clock(23));
  // Two in five with less notice than the lead time asks for.
  const Instant suspend_at = planned + hours(random.chance(400) ? random.between(6, 20) : random.between(26, 60));
  if (random.chance(300)) {
    Step& step = plot.owes(planned, debt);
    step.state = CreditState::suspension_due;
    step.suspend_at = suspend_at;
  } else {
    plot.add(EventType::suspension_scheduled, planned).suspend_at = suspend_at;
  }
  const std::int64_t roll = random.below(1000);
  if (roll < 150) plot.add(EventType::suspension_cancelled, planned + minutes(random.between(5, 120)));
  if (roll >= 150 && roll < 450)
    settles(plot, std::max(plot.between(clock(22), clock(31)), planned + minutes(1)), debt);
}

/// Suspended in the evening, paid in the night, and running again minutes later.
void is_suspended_and_resumed(Plot& plot) {
  Random& random = plot.random();
  const Instant since = plot.between(clock(8), clock(10));
  const std::int64_t debt = some_debt(plot);
  plot.owes(since, debt).due_at = since - hours(48);
  const Instant stopped = plot.between(clock(18), clock(24));
  plot.add(EventType::service_suspended, stopped);
  if (random.chance(300)) return;
  const Instant paid = stopped + minutes(random.between(10, 500));
  plot.pays(paid, plot.limit_cents() + debt, 0);
  plot.add(EventType::resume_ordered, paid + seconds(random.between(1, 20)));
  const Instant running = paid + seconds(random.between(30, 240));
  plot.add(EventType::service_resumed, running);
  plot.is_clear(running + seconds(random.between(1, 10)));
}

void gets_or_gives_money(Plot& plot) {
  const Instant time = plot.between(clock(9), clock(30));
  if (plot.random().chance(400)) {
    plot.add(EventType::refund_credited, time).amount_cents = plot.random().between(1'00, 60'00);
    return;
  }
  Step& step = plot.add(EventType::charge_upcoming, time);
  step.amount_cents = plot.random().between(1'00, 60'00);
  step.charge_at = time + hours(plot.random().between(12, 72));
}

void holds_the_ladder(Plot& plot) {
  Random& random = plot.random();
  const Instant since = peak(plot);
  const std::int64_t debt = some_debt(plot);
  plot.owes(since, debt).due_at = since + hours(24 * 5);
  const Instant time = since + minutes(random.between(5, 90));
  if (random.chance(500)) {
    plot.add(EventType::dispute_opened, time).until = time + hours(random.between(24, 24 * 14));
    if (random.chance(300)) plot.add(EventType::dispute_closed, time + hours(random.between(2, 10)));
    return;
  }
  Step& promise = plot.add(EventType::promise_made, time);
  if (random.chance(800)) promise.until = time + hours(random.between(24, 24 * 5));
  promise.amount_cents = debt;
  if (random.chance(200)) plot.add(EventType::promise_withdrawn, time + hours(random.between(2, 10)));
}

/// Over the limit and back within the minute (E15).
void flaps(Plot& plot) {
  const Instant since = peak(plot);
  plot.owes(since, plot.random().between(1'00, 3'00));
  plot.is_clear(since + seconds(plot.random().between(5, 50)));
}

void leaves(Plot& plot) {
  const Instant since = peak(plot);
  plot.owes(since, some_debt(plot));
  const Instant closed = since + minutes(plot.random().between(5, 300));
  plot.add(EventType::account_closed, closed);
  if (plot.random().chance(300)) plot.add(EventType::account_reopened, closed + minutes(plot.random().between(5, 60)));
}

/// A payment that the bank takes back hours later: the debt is there again.
void bounces(Plot& plot) {
  Random& random = plot.random();
  const Instant since = plot.between(clock(8), clock(12));
  const std::int64_t debt = some_debt(plot);
  plot.owes(since, debt);
  const std::int64_t paid = plot.limit_cents() + debt;
  const Instant booked = since + minutes(random.between(20, 180));
  plot.pays(booked, paid, 0);
  Step& reversed = plot.add(EventType::payment_reversed, booked + minutes(random.between(60, 300)));
  reversed.amount_cents = paid;
  reversed.balance_cents = -paid;
}

void complains(Plot& plot) {
  const Instant since = plot.between(clock(9), clock(20));
  plot.owes(since, some_debt(plot));
  plot.add(EventType::complaint_filed, since + minutes(plot.random().between(5, 300)));
}

struct Scenario {
  int weight;
  void (*play)(Plot&);
};
constexpr std::array scenarios = {
    Scenario{480, falls_into_arrears},
    Scenario{180, routine},
    Scenario{100, runs_low},
    Scenario{90, is_to_be_suspended},
    Scenario{60, gets_or_gives_money},
    Scenario{50, is_suspended_and_resumed},
    Scenario{20, holds_the_ladder},
    Scenario{10, flaps},
    Scenario{5, leaves},
    Scenario{5, complains},
    Scenario{5, bounces},
};

}  // namespace

std::vector<Step> make_script(std::uint64_t seed, int index, const Customer& customer, const Stage& stage) {
  Random random(seed + 1, static_cast<std::uint64_t>(index));
  Plot plot(customer, stage, random);
  random.pick_weighted(scenarios).play(plot);
  std::vector<Step> steps = plot.take();
  std::erase_if(steps, [&](const Step& step) { return step.time > stage.ends; });
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].overtaken = steps[i].overtaken && i + 1 < steps.size();
    // What is superseded leaves no profile behind, so the step that overtook it brings it again.
    steps[i].with_profile = i == 0 || steps[i - 1].overtaken;
  }
  return steps;
}

}  // namespace dun::sample
