// dun up: everything on one machine, and on demand a sample day played through it.
#include "base/async/deadline.hpp"
#include "config/load.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/paths.hpp"
#include "tools/played_day.hpp"
#include "tools/progress.hpp"
#include "tools/rules.hpp"
#include "tools/stack_session.hpp"
#include "tools/times.hpp"
#include "tools/validators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace {

using namespace dun;
namespace fs = std::filesystem;
using async::Awaitable;

struct UpOptions {
  std::string directory = "var";
  std::string config;
  bool sample = false;
  bool once = false;
  double speed = 0;
  sample::SampleOptions day;
  std::vector<std::string> simulator;
};

// The sample's day, night and morning in about a minute.
constexpr double sample_seconds = 60;
constexpr Millis look_every = std::chrono::milliseconds(250);

/// For a shell.
std::string shell_word(const std::string& text) {
  const bool plain = std::ranges::all_of(
      text, [](unsigned char c) { return std::isalnum(c) != 0 || std::strchr("/._-:@+", c) != nullptr; });
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

class Up final : public tools::StackSession {
 public:
  Up(UpOptions options, config::Configuration configuration)
      : StackSession("dun up"),
        options_(std::move(options)),
        configuration_(std::move(configuration)),
        keys_(configuration_.dun.redis.prefix) {}

 private:
  [[nodiscard]] int partitions() const { return configuration_.dun.redis.installation.partitions; }

  void prepare() {
    directory_.emplace(options_.directory);
    if (options_.sample) {
      if (fs::exists(directory_->path() / "redis"))
        throw std::runtime_error(
            fmt::format("{} holds the state of an earlier run; a sample day needs a directory of its own (--dir)",
                        options_.directory));
      day_.emplace(options_.day);
      const Millis span = day_->ends() - day_->begins();
      const double speed =
          options_.speed > 0 ? options_.speed : static_cast<double>(span.count()) / 1000 / sample_seconds;
      fast_ = {.virtual_origin = day_->begins() - std::chrono::minutes(1), .speed = speed};
    } else if (options_.speed > 0) {
      fast_ = {.speed = options_.speed};
      fast_.virtual_origin = date::floor<Millis>(std::chrono::system_clock::now());
    }
    fast_.real_origin = date::floor<Millis>(std::chrono::system_clock::now());
    if (!options_.sample && options_.speed <= 0) fast_.virtual_origin = fast_.real_origin;
    clock_ = scheduler::WallClock(fast_);
    tools::StackOptions stack{.config = options_.config,
                              .prefix = configuration_.dun.redis.prefix,
                              .clock = fast_,
                              .simulator = options_.simulator};
    start(std::move(stack), [](const std::string& line) { tools::complain("\n{}\n", line); });
    tools::say("redis     {}\nconsole   {}\ngateway   {}\n", stack_->redis_url(), stack_->console_url(),
               stack_->gateway_record().string());
    show_exports();
    tools::flush();
  }

  /// What another terminal needs to look into this stack; in the directory above the state nothing is needed.
  void show_exports() const {
    tools::say("for commands in another terminal:\n  export DUN_REDIS={}\n", shell_word(stack_->redis_url()));
    if (configuration_.dun.redis.prefix != config::RedisSettings().prefix)
      tools::say("  export DUN_PREFIX={}\n", configuration_.dun.redis.prefix);
    if (stack_->redis_socket()) tools::say("  redis-cli -s {}\n", shell_word(stack_->redis_socket()->string()));
  }

  Awaitable<void> work() override {
    prepare();
    if (day_) {
      player_ = std::make_unique<tools::Player>(*links_, keys_, *day_, *clock_);
      tasks_.spawn(player_->play());
    }
    bool reported = false;
    while (!signalled_) {
      stack_->look_after();
      const auto totals = co_await tools::read_totals(*links_, keys_, partitions(), clock_->now());
      if (totals) show(*totals);
      if (day_ && !reported && totals && co_await finished(*totals)) {
        reported = true;
        if (options_.once) break;
        co_await report();
        tools::say("still running; Ctrl-C stops it\n");
      }
      co_await async::sleep(look_every);
    }
    if (day_ && !reported) {
      tools::say("stopped before the sample was worked off\n");
      exit_code_ = options_.once ? 1 : 0;
    }
    stack_->stop_sending();
    if (options_.once && reported) co_await report();
  }

  void interrupt() override { signalled_ = true; }

  /// Worked off, and nothing has changed for a few looks: the last receipts are in.
  Awaitable<bool> finished(tools::Totals totals) {
    const bool over = player_->done() && clock_->now() >= day_->ends() && totals.worked_off();
    quiet_looks_ = over && totals.counters == last_counters_ ? quiet_looks_ + 1 : 0;
    last_counters_ = totals.counters;
    co_return quiet_looks_ >= 4;
  }

  void show(const tools::Totals& totals) {
    if (!line_.due()) return;
    std::string line = tools::LocalTimes(configuration_.policies.default_zone).named(clock_->now());
    if (player_) line += fmt::format("  published {}/{}", player_->published().size(), day_->size());
    line += fmt::format("  applied {}  sent {}  held {}  to go {}  in flight {}  unread {}", totals.counters.applied,
                        totals.counters.sent, totals.shelved - totals.open_shelved, totals.open_shelved,
                        totals.in_flight, totals.unread);
    line_.show(line);
  }

  Awaitable<void> report() {
    redis::JournalView journal(*links_, keys_, partitions(), {.everything = true});
    std::vector<Outcome> outcomes;
    for (bool at_end = false; !at_end;) {
      auto page = co_await journal.next();
      if (!page) throw std::runtime_error("cannot read the journal: " + page.error().message);
      for (const std::string& problem : page->problems)
        throw std::runtime_error("the journal cannot be read: " + problem);
      std::ranges::move(page->outcomes, std::back_inserter(outcomes));
      at_end = page->at_end;
    }
    const auto& policies = configuration_.policies;
    tools::DayPromise promise{.default_zone = policies.default_zone};
    promise.excluded_segments.insert(policies.exclusions.segments.begin(), policies.exclusions.segments.end());
    auto seen = tools::verify(player_->published(), outcomes, tools::delivered_refs(stack_->gateway_record().string()),
                              promise);
    line_.clear();
    tools::say("\nsample day {}, {} accounts, seed {}\n", date::format("%F", options_.day.day), options_.day.accounts,
               options_.day.seed);
    tools::write(tools::summary(day_->truth(), seen));
    tools::flush();
    exit_code_ = seen.broken.empty() ? 0 : 1;
  }

  UpOptions options_;
  config::Configuration configuration_;
  redis::Keyspace keys_;
  bool signalled_ = false;
  std::optional<sample::SampleDay> day_;
  scheduler::WallClock::Fast fast_;
  std::optional<scheduler::WallClock> clock_;
  std::unique_ptr<tools::Player> player_;
  scheduler::Counters last_counters_;
  int quiet_looks_ = 0;
  tools::ProgressLine line_{std::chrono::seconds(5)};
};

int up(const UpOptions& options) {
  auto configuration = config::load(options.config, {.secrets_required = false});
  if (!configuration) {
    tools::print(configuration.error());
    return 1;
  }
  return Up(options, *std::move(configuration)).run();
}

}  // namespace

void add_up_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<UpOptions>();
  options->config = tools::default_config();
  CLI::App* command =
      app.add_subcommand("up", "Run everything on this machine: a private Redis, a gateway simulator and the service");
  command->add_option("--dir", options->directory, "Where state and logs are kept")->capture_default_str();
  command->add_option("--config", options->config, "Directory of the configuration")->capture_default_str();
  command->add_flag("--sample", options->sample, "Play the sample day on a fast clock");
  command
      ->add_option("--speed", options->speed,
                   "How many times as fast the clock runs; without it the sample lasts about a minute")
      ->check(tools::positive());
  command
      ->add_flag("--once", options->once,
                 "With --sample: end when the sample has been worked off; exit code 1 if a promise was broken")
      ->needs("--sample");
  command->add_option("--accounts", options->day.accounts, "Accounts in the sample")
      ->capture_default_str()
      ->check(CLI::Range(1, sample::accounts_max));
  command->add_option("--seed", options->day.seed, "Seed of the sample")
      ->check(tools::not_negative())
      ->capture_default_str();
  command
      ->add_option("--faults", options->simulator, "Faults of the gateway simulator, as for `dun gateway-sim --faults`")
      ->transform([](std::string spec) { return "--faults=" + spec; });
  tools::set_footer(
      *command, {"dun up", "dun up --sample --once"},
      "Process ids stand in DIR/*.pid, output in DIR/*.log. What ends by itself is started again.\nCtrl-C stops "
      "everything.");
  command->callback([options, &exit_code] { exit_code = up(*options); });
}
