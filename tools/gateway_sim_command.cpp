// `dun gateway-sim`: an SMS gateway over HTTP for tests and for trying things out.
#include "tools/commands.hpp"
#include "tools/gateway_sim/server.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/validators.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdio>
#include <memory>

namespace {

using namespace dun;

struct SimulatorArguments {
  gateway_sim::SimulatorOptions options;
  std::string faults, record, receipt_delay = "100ms", listed_after = "0s";
  int ready_fd = -1;
};

async::Awaitable<void> serve(async::Executor executor, SimulatorArguments arguments, int& exit_code) {
  const std::string address = arguments.options.address;
  gateway_sim::Simulator simulator(executor, std::move(arguments.options));
  const auto port = simulator.start();
  if (!port) {
    tools::complain("dun gateway-sim: {}\n", port.error());
    exit_code = 1;
    co_return co_await simulator.stop();
  }
  tools::say("listening on {}:{}\n", address, *port);
  tools::flush();
  if (arguments.ready_fd >= 0) {
    const std::string line = fmt::format("{}\n", *port);
    if (write(arguments.ready_fd, line.data(), line.size()) < 0) exit_code = 1;
    close(arguments.ready_fd);
  }
  boost::asio::signal_set signals(executor, SIGTERM, SIGINT);
  co_await signals.async_wait(boost::asio::use_awaitable);
  co_await simulator.stop();
}

int run(SimulatorArguments arguments) {
  const auto faults = gateway_sim::parse_faults(arguments.faults);
  if (!faults) {
    tools::complain("dun gateway-sim: --faults: {}\n", faults.error());
    return 2;
  }
  arguments.options.faults = *faults;
  const auto delay = parse_span(arguments.receipt_delay);
  if (!delay) {
    tools::complain("dun gateway-sim: --receipt-delay: {}\n", delay.error());
    return 2;
  }
  arguments.options.receipt_delay = *delay;
  const auto listed_after = parse_span(arguments.listed_after);
  if (!listed_after) {
    tools::complain("dun gateway-sim: --listed-after: {}\n", listed_after.error());
    return 2;
  }
  arguments.options.listed_after = *listed_after;
  if (!arguments.record.empty()) arguments.options.record = arguments.record;
  int exit_code = 0;
  boost::asio::io_context context(1);
  async::TaskGroup tasks(context.get_executor());
  tasks.spawn(serve(context.get_executor(), std::move(arguments), exit_code));
  context.run();
  return exit_code;
}

}  // namespace

void add_gateway_sim_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<SimulatorArguments>();
  auto& options = arguments->options;
  CLI::App* command = app.add_subcommand("gateway-sim", "Run an SMS gateway over HTTP for tests");
  const std::string manual =

      "POST /send takes a message as a JSON object or as a form (`to`, `text`, and whatever else comes); see the "
      "presets\n"
      "generic-json and generic-form. A client_ref is taken once: its repeats are answered as the first was. A "
      "message\n"
      "that carries receipt_url, or any message with --receipts, is followed by a delivery receipt.\n"
      "GET /status?client_ref=REF says whether a message was taken. "
      "GET /messages?from=N&limit=N shows what was taken, one JSON object a line; GET /stats counts.\n\n";
  command->add_option("--host", options.address, "Address to listen on")->capture_default_str();
  command->add_option("--port", options.port, "Port to listen on; 0: any that is free")->capture_default_str();
  command->add_option("--faults", arguments->faults, "What goes wrong, and when: SPEC, see below");
  command->add_option("--record", arguments->record,
                      "File that every message is appended to before it is answered; read again at the next start");
  command->add_option("--keep", options.keep, "Newest messages that GET /messages can show")
      ->check(tools::not_negative())
      ->capture_default_str();
  command->add_option("--receipts", options.receipts, "URL for receipts of messages that carry no receipt_url");
  command->add_option("--receipt-delay", arguments->receipt_delay, "Time between a message and its receipt")
      ->capture_default_str();
  command->add_option("--rate", options.rate, "SMS segments a second above which it answers 429; 0: no bound")
      ->capture_default_str()
      ->check(tools::not_negative());
  command->add_flag("--forgetful", options.forgetful,
                    "Take the repeat of a client_ref for a new message, as most gateways do");
  command->add_option("--listed-after", arguments->listed_after, "GET /status does not know a message before that")
      ->capture_default_str();
  command->add_option("--ready-fd", arguments->ready_fd, "File descriptor that the port is written to when it listens");
  tools::set_footer(*command, {"dun gateway-sim --port 8621 --faults '429=0.01,delay=20ms:0.1'"},
                    manual + gateway_sim::fault_help());
  command->callback([arguments, &exit_code] { exit_code = run(std::move(*arguments)); });
}
