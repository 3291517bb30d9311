// The simulation as a program: seed after seed until a promise is broken, and then the shortest story of how.
#include "tests/sim/shrink.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>

namespace dun::test {
namespace {

struct Asked {
  SimOptions options;
  std::uint64_t runs = 1;
  std::string broken = "nothing";
  std::vector<std::string> faults;
  std::string gateway = "any";
  bool whole = false;  ///< a failure is told as it was, not shrunk
};

template <typename Names>
std::size_t index_of(const Names& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

void tell(const Failure& failure) {
  std::string faults;
  for (std::size_t i = 0; i < fault_names.size(); ++i)
    if (failure.options.faults.has(static_cast<Fault>(i))) faults += " " + std::string(fault_names[i]);
  fmt::print("seed {} breaks a promise; faults needed:{}\n", failure.options.seed, faults.empty() ? " none" : faults);
  for (const std::string& line : failure.narration) fmt::print("  {}\n", line);
  for (const std::string& line : failure.violations) fmt::print("  BROKEN {}\n", line);
}

void tell(const Story& sum, std::uint64_t runs, double seconds) {
  fmt::print(
      "{} runs: {} events, {} claims, {} requests, {} questions, {} held, {} receipts, {} unknown, {} denied, {} "
      "reports\n"
      "faults: {} crashes ({} at a request), {} sleeps, {} leases lost, {} commits lost before and {} after the store, "
      "{} posts lost before and {} after, {} fenced, {} failovers, {} clock steps, {} reloads, {} returned, {} found "
      "in flight\n"
      "{:.0f} account-days in {:.1f} s of the processor, {:.0f} a second\n",
      runs, sum.events, sum.claims, sum.handed_over, sum.asked, sum.held, sum.receipts, sum.unknown, sum.denied,
      sum.reports, sum.crashes, sum.crashes_at_request, sum.sleeps, sum.leases_lost, sum.commits_lost_before,
      sum.commits_lost_after, sum.posts_lost_before, sum.posts_lost_after, sum.fenced, sum.failovers, sum.clock_steps,
      sum.reloads, sum.returned, sum.recovered_in_flight, sum.account_days, seconds,
      sum.account_days / std::max(seconds, 1e-3));
}

/// An assertion of the product ends the program: the seed must not be lost with it.
volatile std::sig_atomic_t present_seed = 0;

void tell_seed(int /*signal*/) {
  std::array<char, 64> line{};
  const auto end = fmt::format_to_n(line.begin(), line.size(), "aborted by seed {}\n", static_cast<long>(present_seed));
  (void)!write(STDERR_FILENO, line.data(), end.size);
}

/// 0 as it should be: no promise is broken, or what was broken on purpose was found out.
int run_all(const Asked& asked) {
  Story sum;
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  const bool sabotaged = asked.options.broken != Break::nothing;
  for (std::uint64_t run = 1; run <= asked.runs; ++run) {
    SimOptions options = asked.options;
    options.seed += run - 1;
    options.narrated = asked.whole;
    present_seed = static_cast<std::sig_atomic_t>(options.seed);
    const auto failure = try_run(options, &sum);
    if (!failure) continue;
    if (sabotaged) {
      fmt::print("{}: caught by seed {}, run {}: {}\n", asked.broken, options.seed, run, failure->violations.front());
      return 0;
    }
    tell(asked.whole ? *failure : shrink(*failure));
    tell(sum, run, seconds());
    return 1;
  }
  tell(sum, asked.runs, seconds());
  if (sabotaged) fmt::print("{}: not caught within {} runs\n", asked.broken, asked.runs);
  return sabotaged ? 1 : 0;
}

int simulate(int argc, char** argv) {
  CLI::App app{"Runs the engine on virtual time through faults, and checks what Dun promises."};
  Asked asked;
  app.add_option("--seed", asked.options.seed, "Of the first run; each further one adds 1")->capture_default_str();
  app.add_option("--runs", asked.runs, "So many runs, or fewer when a promise is broken")->capture_default_str();
  app.add_option("--break", asked.broken, "Break this on purpose, and succeed when it is found out")
      ->check(CLI::IsMember(std::vector<std::string>(break_names.begin(), break_names.end())))
      ->capture_default_str();
  app.add_option("--faults", asked.faults, "Only these kinds of faults, or none; by default all")
      ->check(CLI::IsMember(std::vector<std::string>(fault_names.begin(), fault_names.end())) |
              CLI::IsMember(std::vector<std::string>{"none"}))
      ->delimiter(',');
  app.add_option("--gateway", asked.gateway, "It removes duplicates, takes repeats for new, or so and can be asked")
      ->check(CLI::IsMember(std::vector<std::string>(gateway_kind_names.begin(), gateway_kind_names.end())) |
              CLI::IsMember(std::vector<std::string>{"any"}))
      ->capture_default_str();
  app.add_option("--partitions", asked.options.partitions)->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--accounts", asked.options.accounts)->check(CLI::Range(1, 80))->capture_default_str();
  app.add_option("--events", asked.options.events, "That billing publishes in a run")->capture_default_str();
  app.add_flag("--whole", asked.whole, "Tell the whole story of a failure instead of shrinking it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  asked.options.broken = static_cast<Break>(index_of(break_names, asked.broken));
  if (asked.gateway != "any")
    asked.options.gateway = static_cast<GatewayKind>(index_of(gateway_kind_names, asked.gateway));
  if (!asked.faults.empty()) asked.options.faults = Faults::none();
  for (const std::string& fault : asked.faults)
    if (fault != "none") asked.options.faults.add(static_cast<Fault>(index_of(fault_names, fault)));
  return run_all(asked);
}

}  // namespace
}  // namespace dun::test

int main(int argc, char** argv) {
  std::signal(SIGABRT, dun::test::tell_seed);
  return dun::test::simulate(argc, argv);
}
