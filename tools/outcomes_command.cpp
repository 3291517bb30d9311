// dun outcomes: everything decided or learnt, as NDJSON.
#include "operations/outcome_json.hpp"
#include "redis/outcome_filter.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace {

using namespace dun;

struct Options {
  tools::RedisOptions redis;
  std::vector<std::string> types;
  std::string account;
  bool follow = false;
  bool json = false;
};

constexpr Millis look_every = std::chrono::seconds(5);

std::expected<redis::JournalQuery, std::string> make_query(const Options& options) {
  redis::JournalQuery query;
  const auto asked = redis::OutcomeFilter::parse(options.types);
  if (!asked) return std::unexpected(asked.error());
  for (std::size_t i = 0; i < outcome_type_names().size(); ++i)
    if (const auto type = static_cast<OutcomeType>(i); asked->has(type)) query.types.insert(type);
  if (options.account.empty()) return query;
  if (!is_account_id(options.account)) return std::unexpected(options.account + " is not an account");
  query.account = AccountId(options.account);
  return query;
}

/// False when nobody reads any more.
bool print(const std::vector<Outcome>& outcomes) {
  std::string text;
  for (const Outcome& outcome : outcomes) operations::append_json_line(outcome, text);
  return tools::write(text) && tools::flush();
}

async::Awaitable<int> outcomes(tools::RedisSession& session, redis::JournalQuery query, bool follow) {
  redis::JournalView journal(session.links, session.keys, session.installation.partitions, std::move(query));
  for (;;) {
    const auto page = co_await journal.next();
    if (!page) {
      tools::complain("dun outcomes: {}\n", page.error().message);
      co_return 1;
    }
    for (const std::string& problem : page->problems) tools::complain("dun outcomes: {}\n", problem);
    if (!print(page->outcomes)) co_return 1;
    if (!page->at_end) continue;
    if (!follow) co_return 0;
    if (const auto waited = co_await journal.wait(look_every); !waited) {
      tools::complain("dun outcomes: {}\n", waited.error().message);
      co_return 1;
    }
  }
}

}  // namespace

void add_outcomes_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("outcomes", "Print everything decided or learnt, as NDJSON in time order");
  tools::set_footer(*command, {"dun outcomes --follow --type notice.sent --type 'task.*'"});
  tools::add_redis_options(*command, options->redis);
  command->add_option("--type", options->types,
                      "Only outcomes of this type, such as notice.sent or task.*; may be repeated");
  command->add_option("--account", options->account, "Only outcomes of this account");
  command->add_flag("--follow", options->follow, "Go on with what is added, until interrupted");
  command->add_flag("--json", options->json, "NDJSON, as is always printed");
  command->callback([options, &exit_code] {
    auto query = make_query(*options);
    if (!query) {
      tools::complain("dun outcomes: {}\n", query.error());
      exit_code = 2;
      return;
    }
    exit_code = tools::with_redis(
        options->redis, [&](tools::RedisSession& session) { return outcomes(session, *query, options->follow); });
  });
}
