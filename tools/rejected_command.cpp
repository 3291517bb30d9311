// dun rejected: malformed events, to be looked at and sent again.
#include "operations/rejected.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"
#include "tools/times.hpp"
#include "tools/validators.hpp"

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace dun;
using operations::RejectedItem;

struct RejectedOptions {
  tools::RedisOptions redis;
  operations::RejectedAsked asked;
  std::vector<std::string> ids;
  bool all = false;
  bool json = false;
  bool summary = false;
};

bool print(const RejectedItem& item, bool json, const tools::LocalTimes& times) {
  if (json) return tools::write(operations::to_json_text(item) + "\n");
  const auto& [field, reason, at, original] = item.entry;
  return tools::say("{}  {}  {}: {}\n", to_text(item.id), times.named(at), field, reason) &&
         tools::write("  " + operations::original_as_json(item) + "\n");
}

void print(const operations::RejectedSummary& summary, bool json, const tools::LocalTimes& times) {
  for (const auto& [field, group] : summary.by_field()) {
    if (json)
      tools::write(operations::to_json_text(field, group) + "\n");
    else
      tools::say("{:>8}  {}  from {} to {}; the last one {}: {}\n", group.count, field, times.text(group.first),
                 times.named(group.last), group.example_id, group.example_detail);
  }
}

async::Awaitable<int> list(tools::RedisSession& session, RejectedOptions options) {
  redis::RejectedStreams streams(session.links, session.keys, session.installation.partitions);
  operations::RejectedList rejected(streams, options.asked);
  operations::RejectedSummary summary;
  const tools::LocalTimes times(tools::default_zone(options.redis.config));
  int code = 0;
  for (bool more = true; more;) {
    const auto page = co_await rejected.next();
    if (!page) {
      tools::complain("dun rejected: {}\n", page.error().message);
      code = 1;
      break;
    }
    const std::optional<std::vector<RejectedItem>>& items = *page;
    if (!items) break;
    for (const RejectedItem& item : *items) {
      if (options.summary)
        summary.add(item);
      else if (more = print(item, options.json, times); !more)
        break;
    }
  }
  print(summary, options.json, times);
  co_return code;
}

async::Awaitable<int> requeue(tools::RedisSession& session, operations::RequeueOrder order) {
  redis::RejectedStreams streams(session.links, session.keys, session.installation.partitions);
  const auto requeued = co_await operations::requeue(streams, std::move(order));
  if (!requeued) {
    tools::complain("dun rejected: {}\n", requeued.error().message);
    co_return 1;
  }
  const auto& [events, missing, failure] = *requeued;
  for (const operations::RejectedId& id : missing)
    tools::complain("dun rejected: {}: there is no such entry; it may have been requeued already\n", to_text(id));
  if (failure) tools::complain("dun rejected: {}: {}\n", to_text(failure->id), failure->why.message);
  tools::complain("{} {} requeued\n", events, events == 1 ? "event" : "events");
  co_return missing.empty() && !failure ? 0 : 1;
}
void add_requeue(CLI::App& command, const std::shared_ptr<RejectedOptions>& options, int& exit_code) {
  CLI::App* requeue_command =
      command.add_subcommand("requeue", "Put entries back on their stream, field by field as they came");
  tools::set_footer(*requeue_command,
                    {"dun rejected requeue 3:1767225600000-0", "dun rejected requeue --all --field state"});
  requeue_command->add_option("ID", options->ids, "As `dun rejected list` shows them");
  CLI::Option* all = requeue_command->add_flag("--all", options->all, "All there are");
  requeue_command->add_option("--field", options->asked.field, "With --all: those whose field of this name is wrong")
      ->needs(all);
  tools::add_redis_options(*requeue_command, options->redis);
  requeue_command->callback([options, &exit_code] {
    operations::RequeueOrder order{.ids = {}, .all = options->all, .field = options->asked.field};
    for (const std::string& text : options->ids) {
      const auto id = redis::parse_rejected_id(text);
      if (id) {
        order.ids.push_back(*id);
        continue;
      }
      tools::complain("dun rejected requeue: {} is not an id such as 3:1767225600000-0\n", text);
      exit_code = 2;
      return;
    }
    if (order.ids.empty() && !order.all) {
      tools::complain("dun rejected requeue: name the entries, or say --all\n");
      exit_code = 2;
      return;
    }
    exit_code =
        tools::with_redis(options->redis, [&](tools::RedisSession& session) { return requeue(session, order); });
  });
}

}  // namespace

void add_rejected_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RejectedOptions>();
  CLI::App* command = app.add_subcommand("rejected", "Look at malformed events, and send them again");
  tools::set_footer(*command, {"dun rejected list", "dun rejected requeue --all"});
  command->require_subcommand(1);
  CLI::App* list_command = command->add_subcommand("list", "Show them with the field that is wrong and why");
  tools::add_redis_options(*list_command, options->redis);
  tools::set_footer(*list_command,
                    {"dun rejected list --summary", "dun rejected list --field state --limit 20 --json"});
  list_command->add_flag("--json", options->json, "As NDJSON");
  list_command->add_option("--field", options->asked.field, "Those whose field of this name is wrong");
  list_command
      ->add_option("--limit", options->asked.limit, "At most so many, partition by partition, the oldest first; 0: all")
      ->check(tools::not_negative())
      ->capture_default_str();
  list_command->add_flag("--summary", options->summary,
                         "How many there are by the field that is wrong, and an example");
  list_command->callback([options, &exit_code] {
    tools::find_stack(options->redis);
    exit_code =
        tools::with_redis(options->redis, [options](tools::RedisSession& session) { return list(session, *options); });
  });
  add_requeue(*command, options, exit_code);
}
