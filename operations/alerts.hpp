// Tells what the monitors find: in the log, in the outcomes, and to whoever asks the process.
#pragma once

#include "scheduler/engine.hpp"
#include "scheduler/ports/clock.hpp"

#include <string>
#include <vector>

namespace dun::operations {

/// Looks at the engine once a second, whatever Redis and the gateways do. An alert belongs to the process that raised
/// it and ends with it: `detail` of its outcomes says which one that was. Owned by the daemon.
class Alerts {
 public:
  /// Engine and clock outlive it.
  Alerts(scheduler::Engine& engine, const scheduler::Clock& clock, std::string owner,
         const scheduler::MonitorOptions& options);

  /// Never returns; ends by being cancelled.
  scheduler::Awaitable<void> run();
  void set_options(const scheduler::MonitorOptions& options) { monitors_.set_options(options); }
  [[nodiscard]] std::vector<scheduler::Alert> active() const { return monitors_.active(); }

 private:
  void tell(const scheduler::AlertChange& change);

  scheduler::Engine& engine_;
  const scheduler::Clock& clock_;
  std::string owner_;
  scheduler::Monitors monitors_;
};

/// `monitor.gateway sms since 2026-01-31T13:45:00.000Z: it took nothing for 2m ...`
[[nodiscard]] std::string to_line(const scheduler::Alert& alert);

}  // namespace dun::operations
