// `dun sample`: the sample day of credit events as NDJSON, for `dun publish`, `dun simulate` and the documents.
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/sample/generator.hpp"
#include "tools/validators.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>

namespace {

using namespace dun;

struct SampleArguments {
  sample::SampleOptions options;
  std::string day = "2026-01-31";
  bool expect = false;
  bool json = false;
};

void print_events(const sample::SampleDay& day) {
  for (std::size_t i = 0; i < day.size(); ++i) {
    nlohmann::ordered_json line;
    for (const auto& [name, value] : day.event(i).fields) line[name] = value;
    if (!tools::write_json(line)) return;
  }
}

void print_truth(const sample::SampleDay& day, bool json) {
  const sample::SampleTruth& truth = day.truth();
  if (json) {
    const nlohmann::ordered_json object = {{"begins", to_rfc3339(day.begins())},
                                           {"ends", to_rfc3339(day.ends())},
                                           {"events", truth.events},
                                           {"applied", truth.applied},
                                           {"heartbeats", truth.heartbeats},
                                           {"duplicates", truth.duplicates},
                                           {"superseded", truth.superseded},
                                           {"malformed", truth.malformed},
                                           {"malformed_by_field", truth.malformed_by_field},
                                           {"accounts", truth.accounts},
                                           {"vip_owing", truth.vip_owing}};
    tools::write_json(object);
    return;
  }
  tools::say("from        {}\nuntil       {}\n", to_rfc3339(day.begins()), to_rfc3339(day.ends()));
  tools::say("events      {}\napplied     {}\nheartbeats  {}\nduplicates  {}\nsuperseded  {}\nmalformed   {}\n",
             truth.events, truth.applied, truth.heartbeats, truth.duplicates, truth.superseded, truth.malformed);
  for (const auto& [field, count] : truth.malformed_by_field) tools::say("  {:<15} {}\n", field, count);
  tools::say("accounts    {}\nlevel 7 that came to owe  {}\n", truth.accounts, truth.vip_owing);
}

int run(SampleArguments arguments) {
  const auto day = sample::parse_day(arguments.day);
  if (!day) {
    tools::complain("dun sample: --date: {}\n", day.error());
    return 2;
  }
  arguments.options.day = *day;
  const sample::SampleDay made(arguments.options);
  if (arguments.expect) {
    print_truth(made, arguments.json);
  } else {
    print_events(made);
  }
  return 0;
}

}  // namespace

void add_sample_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "sample", "Print the sample day: a month's end of credit events as NDJSON, in order of arrival");
  const auto arguments = std::make_shared<SampleArguments>();
  command->add_option("--seed", arguments->options.seed, "The same seed makes the same bytes")
      ->check(tools::not_negative())
      ->capture_default_str();
  command->add_option("--accounts", arguments->options.accounts, "How many customers")
      ->check(CLI::Range(1, sample::accounts_max))
      ->capture_default_str();
  command->add_option("--date", arguments->day, "The day whose evening is the peak, in Asia/Shanghai")
      ->capture_default_str();
  command->add_flag("--expect", arguments->expect,
                    "Print instead what a run over the sample must find: events applied, repeated, superseded, "
                    "malformed by field");
  command->add_flag("--json", arguments->json, "With --expect: as one JSON object");
  tools::set_footer(*command, {"dun sample --accounts 200 > day.ndjson", "dun sample --accounts 200 --expect"});
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}
