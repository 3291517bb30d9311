// dun simulate: the real decision code on virtual time with an ideal gateway.
#include "operations/event_json.hpp"
#include "operations/outcome_json.hpp"
#include "scheduler/simulation.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/paths.hpp"
#include "tools/progress.hpp"
#include "tools/rules.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace {

using namespace dun;

struct SimulateOptions {
  std::string config;
  std::string events;
  std::string from, until;
  bool json = false;
  bool all = false;
};

// Without --until: how long after the last event the story may go on. Time jumps, so that this costs nothing; it only
// bounds a story without end.
constexpr date::days aftermath_max{3660};
// An event further ahead than this of both its neighbours has a wrong date; the clock does not follow it.
constexpr Millis stray = std::chrono::hours(24);

std::optional<Instant> time_of(const Fields& fields) {
  for (const auto& [name, value] : fields)
    if (name == "time") {
      if (const auto time = parse_rfc3339(value)) return *time;
    }
  return std::nullopt;
}

/// Feeds the lines in order; each arrives at its `time`, or at once when that has passed.
class Feeder {
 public:
  explicit Feeder(scheduler::Simulation& simulation) : simulation_(simulation) {}

  void add(Fields fields) {
    const auto time = time_of(fields);
    if (waiting_) flush(time);
    waiting_ = Waiting{.fields = std::move(fields), .time = time};
  }

  void finish() {
    if (waiting_) flush(std::nullopt);
  }

 private:
  struct Waiting {
    Fields fields;
    std::optional<Instant> time;
  };

  void flush(std::optional<Instant> next) {
    Instant arrives = started_ ? simulation_.now() : waiting_->time.value_or(Instant());
    const bool strays =
        started_ && waiting_->time && *waiting_->time > arrives + stray && next && *next + stray < *waiting_->time;
    if (waiting_->time && !strays) arrives = std::max(arrives, *waiting_->time);
    started_ = started_ || waiting_->time.has_value();
    simulation_.publish(std::move(waiting_->fields), arrives);
    waiting_.reset();
  }

  scheduler::Simulation& simulation_;
  std::optional<Waiting> waiting_;
  bool started_ = false;
};

/// The outcomes as NDJSON, or as lines for people.
class Printer {
 public:
  Printer(const SimulateOptions& options, std::optional<Instant> from, std::optional<Instant> until)
      : all_(options.all), from_(from), until_(until) {}

  void operator()(const Outcome& outcome) {
    if (outcome.type == OutcomeType::event_applied && !all_) return;
    if ((from_ && outcome.at < *from_) || (until_ && outcome.at > *until_)) return;
    operations::append_json_line(outcome, buffer_);
    if (buffer_.size() > flush_at) flush();
  }

  void flush() {
    taken_ = tools::write(buffer_) && taken_;
    buffer_.clear();
  }
  /// False once the output takes nothing more.
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  static constexpr std::size_t flush_at = 1 << 20;
  bool all_;
  std::optional<Instant> from_, until_;
  std::string buffer_;
  bool taken_ = true;
};

std::optional<Instant> read_instant(const std::string& option, const std::string& text, bool& wrong) {
  if (text.empty()) return std::nullopt;
  const auto instant = parse_rfc3339(text);
  if (instant) return *instant;
  tools::complain("dun simulate: --{}: {}\n", option, instant.error());
  wrong = true;
  return std::nullopt;
}

int simulate(const SimulateOptions& options) {
  bool wrong = false;
  const auto from = read_instant("from", options.from, wrong);
  const auto until = read_instant("until", options.until, wrong);
  if (wrong) return 2;
  const auto configuration = config::load(options.config, {.secrets_required = false});
  if (!configuration) {
    tools::print(configuration.error());
    return 1;
  }
  std::ifstream file;
  if (options.events != "-") {
    file.open(options.events);
    if (!file) {
      tools::complain("dun simulate: cannot read {}\n", options.events);
      return 1;
    }
  }
  std::istream& input = options.events == "-" ? std::cin : file;

  Printer printer(options, from, until);
  scheduler::Simulation simulation(tools::make_rules(*configuration),
                                   [&](const Outcome& outcome) { printer(outcome); });
  Feeder feeder(simulation);
  tools::Progress progress("simulated", "events");
  int bad_lines = 0;
  std::string line;
  for (std::size_t number = 1; printer.taken() && std::getline(input, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto fields = operations::parse_event_json(line);
    if (!fields) {
      tools::complain("{}:{}: error: {}\n", options.events, number, fields.error());
      ++bad_lines;
      continue;
    }
    feeder.add(*std::move(fields));
    progress.add(1);
  }
  feeder.finish();
  if (until)
    simulation.run_until(*until);
  else
    simulation.run_out(simulation.now() + aftermath_max);
  printer.flush();
  progress.finish();
  if (const std::size_t left = simulation.still_to_come(); left > 0)
    tools::complain("dun simulate: stopped at {}, {} still to come\n", to_rfc3339(simulation.now()), left);
  return bad_lines == 0 ? 0 : 1;
}

}  // namespace

void add_simulate_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SimulateOptions>();
  options->config = tools::default_config();
  CLI::App* command =
      app.add_subcommand("simulate", "Run the decisions over recorded events on virtual time, without any network");
  command->add_option("--config", options->config, "Directory of the configuration")->capture_default_str();
  command->add_option("--events", options->events, "NDJSON events in order of arrival; - for standard input")
      ->required();
  command->add_option("--from", options->from,
                      "Print outcomes from this instant on (RFC 3339); what comes before is applied all the same");
  command->add_option("--until", options->until,
                      "Let time run to this instant; without it until nothing is left to happen");
  command->add_flag("--all", options->all, "Print also which events were applied");
  command->add_flag("--json", options->json, "Outcomes as NDJSON in time order (that is what is always printed)");
  tools::set_footer(
      *command, {"dun simulate --events tools/sample/day.ndjson"},
      "Each event arrives at its `time`, or at once if that has passed when its line is reached.\nDeterministic: the "
      "same files give the same bytes. Exit code 1 if a line was not a flat JSON object.");
  command->callback([options, &exit_code] { exit_code = simulate(*options); });
}
