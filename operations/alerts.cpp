#include "operations/alerts.hpp"

#include "base/async/deadline.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace dun::operations {
namespace {

constexpr Millis look_every = std::chrono::seconds(1);
// An alert that lasts is said again so often; real time where the clock is a fast one.
constexpr Millis again_least = std::chrono::minutes(1);
constexpr Millis again_least_real = std::chrono::seconds(10);
// A report counts for so many times that: one or two may be late.
constexpr int counts_for = 3;

/// How much of the clock's time passes in that real time.
Millis span_of(const scheduler::Clock& clock, Millis real) {
  constexpr Millis day = date::days(1);
  return real * (day / std::max(clock.real(day), Millis(1)));
}

}  // namespace

Alerts::Alerts(Watched engine, const scheduler::Clock& clock, std::string owner,
               const scheduler::MonitorOptions& options, ReceiptCountsOf receipts)
    : engine_(std::move(engine)),
      clock_(clock),
      owner_(std::move(owner)),
      run_(std::to_string(clock.now().time_since_epoch().count())),
      monitors_(options),
      receipts_(std::move(receipts)),
      again_every_(std::max(again_least, span_of(clock, again_least_real))),
      said_at_(clock.steady()) {}

async::Awaitable<void> Alerts::run() {
  while (!ended_) {
    look();
    co_await async::sleep(look_every);
  }
}

void Alerts::look() {
  for (const auto& change : monitors_.observe(observe(), clock_.now(), clock_.steady())) tell(change);
  say_again();
}

scheduler::Observations Alerts::observe() const {
  scheduler::Observations seen = engine_.observe();
  for (const auto& [gateway, counts] : receipts_)
    seen.receipts.push_back({.gateway = gateway, .path = counts->path, .forged = counts->forged});
  return seen;
}

void Alerts::tell(const scheduler::AlertChange& change) {
  const scheduler::Alert& alert = change.alert;
  if (change.raised)
    spdlog::error("alert raised alert={} subject={} detail=\"{}\"", alert.name, alert.subject, alert.detail);
  else
    spdlog::info("alert cleared alert={} subject={} since={} detail=\"{}\"", alert.name, alert.subject,
                 to_rfc3339(alert.since), alert.detail);
  report(alert, change.raised, alert.detail);
}

void Alerts::say_again() {
  if (clock_.steady() - said_at_ < again_every_) return;
  said_at_ = clock_.steady();
  for (const scheduler::Alert& alert : monitors_.active()) report(alert, true, alert.detail);
}

void Alerts::end() {
  ended_ = true;
  for (const scheduler::Alert& alert : monitors_.active()) report(alert, false, "the process that saw it has stopped");
}

void Alerts::report(const scheduler::Alert& alert, bool seen, const std::string& detail) {
  const Instant now = clock_.now();
  CaseEvent event{.about = alert_case(alert.name, alert.subject),
                  .time = now,
                  .witness = owner_,
                  .run = run_,
                  .number = ++reports_,
                  .name = alert.name,
                  .subject = alert.subject,
                  .gateway = alert.gateway,
                  .detail = fmt::format("{} ({})", detail, owner_)};
  event.id = case_event_id(event);
  if (seen) event.counts_for = counts_for * again_every_;
  engine_.report(event);
}

std::string to_line(const scheduler::Alert& alert) {
  return fmt::format("{}{}{} since {}: {}", alert.name, alert.subject.empty() ? "" : " ", alert.subject,
                     to_rfc3339(alert.since), alert.detail);
}

}  // namespace dun::operations
