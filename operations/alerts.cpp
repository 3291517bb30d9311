#include "operations/alerts.hpp"

#include "base/async/deadline.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace dun::operations {
namespace {
constexpr Millis look_every = std::chrono::seconds(1);
}

Alerts::Alerts(scheduler::Engine& engine, const scheduler::Clock& clock, std::string owner,
               const scheduler::MonitorOptions& options)
    : engine_(engine), clock_(clock), owner_(std::move(owner)), monitors_(options) {}

scheduler::Awaitable<void> Alerts::run() {
  for (;;) {
    for (const auto& change : monitors_.observe(engine_.observe(), clock_.now(), clock_.steady())) tell(change);
    co_await async::sleep(look_every);
  }
}

void Alerts::tell(const scheduler::AlertChange& change) {
  const scheduler::Alert& alert = change.alert;
  if (change.raised)
    spdlog::error("alert raised alert={} subject={} detail=\"{}\"", alert.name, alert.subject, alert.detail);
  else
    spdlog::info("alert cleared alert={} subject={} since={} detail=\"{}\"", alert.name, alert.subject,
                 to_rfc3339(alert.since), alert.detail);
  engine_.put_out({.at = clock_.now(),
                   .type = change.raised ? OutcomeType::alert_raised : OutcomeType::alert_cleared,
                   .gateway = alert.gateway,
                   .reasons = {alert.name},
                   .detail = fmt::format("{} ({})", alert.detail, owner_)});
}

std::string to_line(const scheduler::Alert& alert) {
  return fmt::format("{}{}{} since {}: {}", alert.name, alert.subject.empty() ? "" : " ", alert.subject,
                     to_rfc3339(alert.since), alert.detail);
}

}  // namespace dun::operations
