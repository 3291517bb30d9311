// dun outcomes: everything decided or learnt, as NDJSON.
#include "operations/outcome_json.hpp"
#include "operations/outcomes.hpp"
#include "redis/outcome_filter.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace dun;

struct OutcomesOptions {
  tools::RedisOptions redis;
  std::vector<std::string> types;
  operations::OutcomesAsked asked;
  bool json = false;  ///< as without it
};

std::expected<operations::JournalQuery, std::string> make_query(const OutcomesOptions& options) {
  operations::OutcomesAsked asked = options.asked;
  const auto filter = redis::OutcomeFilter::parse(options.types);
  if (!filter) return std::unexpected(filter.error());
  for (std::size_t i = 0; i < outcome_type_names().size(); ++i)
    if (const auto type = static_cast<OutcomeType>(i); filter->has(type)) asked.types.insert(type);
  return operations::to_query(asked);
}

/// False when nobody reads any more.
bool print(const std::vector<Outcome>& outcomes) {
  std::string text;
  for (const Outcome& outcome : outcomes) operations::append_json_line(outcome, text);
  return tools::write(text) && tools::flush();
}

async::Awaitable<int> print_all(tools::RedisSession& session, operations::JournalQuery query, bool follow) {
  redis::JournalView journal(session.links, session.keys, session.installation.partitions, std::move(query));
  operations::Outcomes outcomes(journal, follow);
  for (;;) {
    const auto next = co_await outcomes.next();
    if (!next) {
      tools::complain("dun outcomes: {}\n", next.error().message);
      co_return 1;
    }
    const std::optional<operations::JournalPage>& page = *next;
    if (!page) co_return 0;
    for (const std::string& problem : page->problems) tools::complain("dun outcomes: {}\n", problem);
    if (!print(page->outcomes)) co_return 1;
  }
}

}  // namespace

void add_outcomes_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<OutcomesOptions>();
  CLI::App* command = app.add_subcommand("outcomes", "Print everything decided or learnt, as NDJSON in time order");
  tools::set_footer(*command, {"dun outcomes --follow --type notice.sent --type 'task.*'"});
  tools::add_redis_options(*command, options->redis);
  command->add_option("--type", options->types,
                      "Only outcomes of this type, such as notice.sent or task.*; may be repeated");
  command->add_option("--account", options->asked.account, "Only outcomes of this account");
  command->add_flag("--follow", options->asked.follow, "Go on with what is added, until interrupted");
  command->add_flag("--json", options->json, "NDJSON, as is always printed");
  command->callback([options, &exit_code] {
    const auto query = make_query(*options);
    if (!query) {
      tools::complain("dun outcomes: {}\n", query.error());
      exit_code = 2;
      return;
    }
    exit_code = tools::with_redis(options->redis, [&](tools::RedisSession& session) {
      return print_all(session, *query, options->asked.follow);
    });
  });
}
