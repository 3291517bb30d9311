// The simulated SMS gateway: an HTTP server that takes messages, remembers them, and misbehaves on demand.
#pragma once

#include "base/async/task_group.hpp"
#include "tools/gateway_sim/faults.hpp"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace dun::gateway_sim {

struct SimulatorOptions {
  std::string address = "127.0.0.1";            ///< to listen on
  std::uint16_t port = 13013;                   ///< 0: any that is free
  FaultSpec faults;                             ///< none by default
  std::optional<std::filesystem::path> record;  ///< NDJSON of every message; read again at the next start
  std::size_t keep = 100'000;                   ///< newest messages that GET /messages can show
  std::string receipts;                         ///< URL for receipts of messages that carry no receipt_url
  Millis receipt_delay{100};                    ///< between a message and its receipt
  Millis listed_after{0};                       ///< GET /status does not know a message before
  bool forgetful = false;                       ///< a repeat of a client_ref is a new message
  double rate = 0;                              ///< SMS segments a second above which it answers 429; 0: no bound
};

/// `POST /send` takes a message (JSON or a form; a GET with a query, too), `GET /status`, `GET /messages` and
/// `GET /stats` tell what came.
///
/// Guarantee: a message is in the record before it is answered, and, unless it is forgetful, a client_ref is taken
/// once: its repeats are answered as the first was. Its owner awaits `stop` before destroying it.
class Simulator {
 public:
  Simulator(async::Executor executor, SimulatorOptions options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// Returns the port, or why the record or the address cannot be used.
  [[nodiscard]] std::expected<std::uint16_t, std::string> start();
  async::Awaitable<void> stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dun::gateway_sim
