// dun load: publishes a synthetic day at a given rate through a stack of its own and measures.
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
#include "tools/validators.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace {

using namespace dun;
namespace fs = std::filesystem;
using async::Awaitable;
using Steady = std::chrono::steady_clock;

struct LoadOptions {
  std::string directory;
  std::string config;
  std::uint64_t events = 50'000;
  double rate = 0;
  double segments = 1'000'000;
  int in_flight = 256;
  std::string fsync = "always";
  bool json = false;
};

constexpr std::size_t publish_most = 512;
constexpr std::chrono::minutes give_up_after{10};

/// CPU time that a process has used so far, in microseconds.
double cpu_micros(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 2)));
  std::vector<std::string> fields((std::istream_iterator<std::string>(rest)), {});
  if (fields.size() < 13) return 0;
  return (std::stod(fields[11]) + std::stod(fields[12])) / static_cast<double>(sysconf(_SC_CLK_TCK)) * 1e6;
}

/// The operator's policies and texts with one gateway that is fed as fast as asked for.
std::string make_config(const LoadOptions& options, const fs::path& directory) {
  const fs::path config = directory / "config";
  fs::copy(options.config, config, fs::copy_options::recursive);
  std::ofstream(config / "gateways.toml") << fmt::format(
      "[gateways.sim]\npreset = \"generic-json\"\nremembers_for = \"3d\"\n"
      "[gateways.sim.request]\nurl = \"{{env:DUN_SIM_URL}}\"\n"
      "[gateways.sim.receipts]\npath = \"/receipts/sim\"\npublic_url = \"{{env:DUN_RECEIPTS_URL}}\"\n"
      "rate = 1000000000\n"
      "[gateways.sim.unknown]\nrule = \"same_ref\"\n"
      "[gateways.sim.transport]\nconnections = {1}\n"
      "[gateways.sim.flow]\nrate = {0}\nburst = {0}\nin_flight_max = {1}\nramp = \"0s\"\n"
      "[routing]\ndefault = \"sim\"\n",
      options.segments, options.in_flight);
  return config.string();
}

Fields event_of(std::uint64_t number, Instant time) {
  return {{"id", fmt::format("load-{}", number)},
          {"type", "credit.changed"},
          {"account", fmt::format("L{:08}", number)},
          {"time", to_rfc3339(time)},
          {"state", "arrears"},
          {"balance", fmt::format("-{}.50", number % 900 + 10)},
          {"currency", "CNY"},
          {"msisdn", fmt::format("+86138{:08}", number)},
          {"zone", "Asia/Shanghai"},
          {"lang", number % 2 == 0 ? "en" : "zh-CN"}};
}

class Load final : public tools::StackSession {
 public:
  Load(LoadOptions options, config::Configuration configuration)
      : StackSession("dun load"), options_(std::move(options)), configuration_(std::move(configuration)) {}

 private:
  void interrupt() override {
    fail("interrupted, nothing is measured");
    end();
  }

  Awaitable<void> work() override {
    // Noon, so that nothing waits for the morning; the clock runs as fast as the real one.
    const auto noon = parse_rfc3339("2026-03-02T12:00:00+08:00");
    const scheduler::WallClock::Fast fast{.virtual_origin = *noon,
                                          .real_origin = date::floor<Millis>(std::chrono::system_clock::now())};
    clock_ = scheduler::WallClock(fast);
    directory_.emplace(options_.directory);
    start({.config = make_config(options_, directory_->path()),
           .prefix = configuration_.dun.redis.prefix,
           .clock = fast,
           .redis_fsync = options_.fsync},
          [](const std::string& line) { throw std::runtime_error(line); });
    const double daemon_before = cpu_micros(stack_->daemon_pid());
    const double redis_before = cpu_micros(stack_->redis_pid());
    begun_ = Steady::now();
    tasks_.spawn(publish());
    co_await watch();
    const double daemon = cpu_micros(stack_->daemon_pid()) - daemon_before;
    const double redis = cpu_micros(stack_->redis_pid()) - redis_before;
    report(daemon / static_cast<double>(options_.events), redis / static_cast<double>(options_.events));
  }

  Awaitable<void> publish() {
    for (std::uint64_t next = 0; next < options_.events;) {
      const double passed = std::chrono::duration<double>(Steady::now() - begun_).count();
      const auto due = options_.rate > 0
                           ? std::min(options_.events, static_cast<std::uint64_t>(passed * options_.rate) + 1)
                           : options_.events;
      std::vector<Fields> batch;
      for (; next < due && batch.size() < publish_most; ++next) batch.push_back(event_of(next, clock_->now()));
      if (batch.empty()) {
        co_await async::sleep(Millis(1));
        continue;
      }
      const auto sent = co_await redis::publish_events(*links_, redis::Keyspace(configuration_.dun.redis.prefix), {},
                                                       std::move(batch));
      if (!sent) {
        fail("cannot publish: " + sent.error().message);
        end();
        co_return;
      }
    }
    published_at_ = Steady::now();
  }

  Awaitable<void> watch() {
    tools::Progress progress("sent", "notices");
    std::uint64_t seen = 0;
    for (;;) {
      stack_->look_after();
      const auto totals = co_await tools::read_totals(*links_, redis::Keyspace(configuration_.dun.redis.prefix),
                                                      configuration_.dun.redis.installation.partitions, clock_->now());
      if (!totals) throw std::runtime_error(totals.error().message);
      progress.add(totals->counters.sent - seen);
      seen = totals->counters.sent;
      if (applied_at_ == Steady::time_point() && totals->counters.applied >= options_.events)
        applied_at_ = Steady::now();
      if (seen >= options_.events && totals->worked_off()) break;
      if (Steady::now() - begun_ > give_up_after)
        throw std::runtime_error(
            fmt::format("only {} of {} notices sent in {} minutes", seen, options_.events, give_up_after.count()));
      co_await async::sleep(Millis(50));
    }
    sent_at_ = Steady::now();
    progress.finish();
  }

  void report(double daemon, double redis) const {
    const auto rate = [&](Steady::time_point end) {
      return static_cast<double>(options_.events) / std::chrono::duration<double>(end - begun_).count();
    };
    if (options_.json) {
      tools::write_json({{"events", options_.events},
                         {"published_per_s", rate(published_at_)},
                         {"applied_per_s", rate(applied_at_)},
                         {"notices_per_s", rate(sent_at_)},
                         {"dun_cpu_us_per_notice", daemon},
                         {"redis_cpu_us_per_notice", redis}});
      return;
    }
    tools::say(
        "{} events, appendfsync {}\n  published  {:9.0f}/s\n  applied    {:9.0f}/s\n  notices    {:9.0f}/s to the "
        "simulator\n  CPU        {:9.1f} us a notice in dun, {:.1f} us in redis\n",
        options_.events, options_.fsync, rate(published_at_), rate(applied_at_), rate(sent_at_), daemon, redis);
  }

  LoadOptions options_;
  config::Configuration configuration_;
  std::optional<scheduler::WallClock> clock_;
  Steady::time_point begun_, published_at_, applied_at_, sent_at_;
};

int load(LoadOptions options) {
  auto configuration = config::load(options.config, {.secrets_required = false});
  if (!configuration) {
    tools::print(configuration.error());
    return 1;
  }
  const bool scratch = options.directory.empty();
  if (scratch) {
    std::string name = (fs::temp_directory_path() / "dun-load.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      tools::complain("dun load: cannot make a directory in {}\n", fs::temp_directory_path().string());
      return 1;
    }
    options.directory = name;
  } else if (fs::exists(options.directory) && !fs::is_empty(options.directory)) {
    tools::complain("dun load: {} is not empty\n", options.directory);
    return 2;
  }
  const int exit_code = Load(options, *std::move(configuration)).run();
  if (scratch) fs::remove_all(options.directory);
  return exit_code;
}

}  // namespace

void add_load_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<LoadOptions>();
  options->config = tools::default_config();
  CLI::App* command = app.add_subcommand("load", "Publish synthetic events to a stack of its own and measure");
  command->add_option("--events", options->events, "Events, each of an account of its own and each worth one notice")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--rate", options->rate, "Events published a second; 0 for as fast as they are taken")
      ->capture_default_str()
      ->check(tools::not_negative());
  command->add_option("--segments", options->segments, "SMS segments a second that the gateway is fed at most")
      ->capture_default_str()
      ->check(tools::positive());
  command->add_option("--in-flight", options->in_flight, "Requests open at the same time, each on its connection")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--fsync", options->fsync, "appendfsync of the private Redis")
      ->capture_default_str()
      ->check(CLI::IsMember({"always", "everysec", "no"}));
  command->add_option("--config", options->config, "Directory of the configuration")->capture_default_str();
  command->add_option("--dir", options->directory, "Keep state and logs in this directory, which must be empty");
  command->add_flag("--json", options->json, "The figures as one JSON object");
  tools::set_footer(*command, {"dun load --events 20000 --rate 5000"});
  command->callback([options, &exit_code] { exit_code = load(*options); });
}
