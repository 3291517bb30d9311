// dun explain: was this customer told, when, why, or why not.
#include "operations/explain.hpp"
#include "operations/outcome_json.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"
#include "tools/times.hpp"

#include <fmt/format.h>

namespace {

using namespace dun;

struct ExplainOptions {
  tools::RedisOptions redis;
  std::string account;
  bool json = false;
};

async::Awaitable<int> explain(tools::RedisSession& session, ExplainOptions options) {
  const auto fail = [](const scheduler::StoreError& error) {
    tools::complain("dun explain: {}\n", error.message);
    return 1;
  };
  operations::Story story{.account = AccountId(options.account),
                          .default_zone = tools::default_zone(options.redis.config)};
  auto record = co_await redis::read_record(session.links, session.keys, session.installation, story.account);
  if (!record) co_return fail(record.error());
  story.record = *std::move(record);
  auto task = co_await redis::read_task(session.links, session.keys, session.installation, story.account);
  if (!task) co_return fail(task.error());
  story.task = *std::move(task);
  redis::JournalView journal(session.links, session.keys, session.installation.partitions,
                             {.account = story.account, .everything = true});
  for (bool at_end = false; !at_end;) {
    auto page = co_await journal.next();
    if (!page) co_return fail(page.error());
    for (const std::string& problem : page->problems) tools::complain("dun explain: {}\n", problem);
    std::ranges::move(page->outcomes, std::back_inserter(story.outcomes));
    at_end = page->at_end;
  }
  std::string text;
  if (options.json) {
    for (const Outcome& outcome : story.outcomes) operations::append_json_line(outcome, text);
  } else {
    text = operations::explain(story);
  }
  tools::write(text);
  co_return story.record || !story.outcomes.empty() ? 0 : 1;
}

}  // namespace

void add_explain_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command =
      app.add_subcommand("explain", "Tell the story of an account: was this customer told, when, why, or why not");
  command->add_option("account", options->account, "The billing account")->required();
  tools::add_redis_options(*command, options->redis);
  command->add_flag("--json", options->json, "The outcomes behind the story, as NDJSON in time order");
  tools::set_footer(*command, {"dun explain A0000042"}, "Exit code 1 when nothing is known of the account.");
  command->callback([options, &exit_code] {
    if (!is_account_id(options->account)) {
      tools::complain("dun explain: {} is not an account: 1 to 64 of the characters A-Z a-z 0-9 . _ : @ + -\n",
                      options->account);
      exit_code = 2;
      return;
    }
    tools::find_stack(options->redis);
    exit_code = tools::with_redis(options->redis,
                                  [options](tools::RedisSession& session) { return explain(session, *options); });
  });
}
