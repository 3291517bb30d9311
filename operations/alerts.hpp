// Tells what the monitors find: in the log, in the outcomes, and to whoever asks the process.
#pragma once

#include "base/async/task_group.hpp"
#include "domain/case_event.hpp"
#include "operations/receipts.hpp"
#include "scheduler/monitors.hpp"
#include "scheduler/ports/clock.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dun::operations {

/// What alerts ask of the engine that they watch.
struct Watched {
  std::function<scheduler::Observations()> observe;
  std::function<void(const CaseEvent&)> report;  ///< tells a case, wherever it stands
};

/// Looks at the engine once a second, whatever Redis and the gateways do. What is raised is reported to the case of its
/// name and subject, and reported again while it lasts: the case is told once, however many processes see it, and it is
/// over when all of them say so or are no longer heard of. Owned by the daemon.
class Alerts {
 public:
  /// What is watched and the clock outlive it.
  Alerts(Watched engine, const scheduler::Clock& clock, std::string owner, const scheduler::MonitorOptions& options,
         ReceiptCountsOf receipts = {});

  /// Runs until end(), or until it is cancelled.
  async::Awaitable<void> run();
  /// One look: what of it run() does once a second.
  void look();
  /// The process stops: it sees nothing any more.
  void end();
  void set_options(const scheduler::MonitorOptions& options) { monitors_.set_options(options); }
  [[nodiscard]] std::vector<scheduler::Alert> active() const { return monitors_.active(); }

 private:
  [[nodiscard]] scheduler::Observations observe() const;
  void tell(const scheduler::AlertChange& change);
  void say_again();
  void report(const scheduler::Alert& alert, bool seen, const std::string& detail);

  Watched engine_;
  const scheduler::Clock& clock_;
  std::string owner_, run_;
  std::uint64_t reports_ = 0;
  scheduler::Monitors monitors_;
  ReceiptCountsOf receipts_;
  Millis again_every_;  ///< on the service's clock
  Millis said_at_;
  bool ended_ = false;
};

/// `monitor.gateway sms since 2026-01-31T13:45:00.000Z: it took nothing for 2m ...`
[[nodiscard]] std::string to_line(const scheduler::Alert& alert);

}  // namespace dun::operations
