// dun rejected: malformed events, to be looked at and sent again.
#include "base/json/as_string.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"
#include "tools/times.hpp"
#include "tools/validators.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace {

using namespace dun;

struct Options {
  tools::RedisOptions redis;
  std::vector<std::string> ids;
  bool all = false;
  bool json = false;
  bool summary = false;
  std::string field;
  std::uint64_t limit = 0;

  [[nodiscard]] bool wants(const redis::RejectedItem& item) const { return field.empty() || item.entry.field == field; }
};

constexpr std::size_t page = 256;

/// A JSON string that a terminal is safe from, whatever the bytes are; those that are not UTF-8 show as U+FFFD.
std::string json_string(std::string_view bytes) {
  return to_visible_json(json::as_string(bytes));
}

/// As a JSON object; a name that came twice stands there twice, which nlohmann's objects cannot hold.
std::string to_json(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", json_string(name), json_string(value));
  return "{" + text + "}";
}

bool print(const redis::RejectedItem& item, bool json, const tools::LocalTimes& times) {
  const scheduler::RejectedEntry& entry = item.entry;
  const std::string original = to_json(entry.original.fields);
  if (!json)
    return tools::say("{}  {}  {}: {}\n", to_text(item.id), times.named(entry.at), entry.field, entry.reason) &&
           tools::write("  " + original + "\n");
  return tools::write(
      fmt::format(R"({{"id":"{}","partition":{},"stream_id":"{}","at":"{}","field":{},"detail":{},"original":{}}})"
                  "\n",
                  to_text(item.id), item.id.partition, redis::to_text(entry.original.id), to_rfc3339(entry.at),
                  json_string(entry.field), json_string(entry.reason), original));
}

/// What a flood is made of.
struct Group {
  std::uint64_t count = 0;
  Instant first{}, last{};
  std::string example_id, example_detail;
};

class Summary {
 public:
  void add(const redis::RejectedItem& item) {
    Group& group = groups_[item.entry.field];
    if (group.count++ == 0) group.first = group.last = item.entry.at;
    group.first = std::min(group.first, item.entry.at);
    if (item.entry.at < group.last) return;
    group.last = item.entry.at;
    group.example_id = to_text(item.id);
    group.example_detail = item.entry.reason;
  }

  void print(bool json, const tools::LocalTimes& times) const {
    for (const auto& [field, group] : groups_) {
      if (json)
        tools::write_json({{"field", field},
                           {"count", group.count},
                           {"first", to_rfc3339(group.first)},
                           {"last", to_rfc3339(group.last)},
                           {"id", group.example_id},
                           {"detail", group.example_detail}});
      else
        tools::say("{:>8}  {}  from {} to {}; the last one {}: {}\n", group.count, field, times.text(group.first),
                   times.named(group.last), group.example_id, group.example_detail);
    }
  }

 private:
  std::map<std::string, Group> groups_;  ///< by field: there are no more of them than events have
};

/// Calls `each` for every rejected entry while it returns true; 1 if Redis cannot be read.
template <typename Each>
async::Awaitable<int> for_all(tools::RedisSession& session, Each each) {
  for (int partition = 0; partition < session.installation.partitions; ++partition) {
    for (redis::StreamId after;;) {
      const auto items = co_await redis::list_rejected(session.links, session.keys, partition, after, page);
      if (!items) {
        tools::complain("dun rejected: {}\n", items.error().message);
        co_return 1;
      }
      for (const redis::RejectedItem& item : *items)
        if (!each(item)) co_return 0;
      if (items->size() < page) break;
      after = items->back().id.id;
    }
  }
  co_return 0;
}

async::Awaitable<int> list(tools::RedisSession& session, Options options) {
  Summary summary;
  const tools::LocalTimes times(tools::default_zone(options.redis.config));
  std::uint64_t shown = 0;
  const int code = co_await for_all(session, [&](const redis::RejectedItem& item) {
    if (!options.wants(item)) return true;
    if (options.summary)
      summary.add(item);
    else if (!print(item, options.json, times))
      return false;
    return ++shown != options.limit;
  });
  summary.print(options.json, times);
  co_return code;
}

async::Awaitable<int> requeue(tools::RedisSession& session, std::vector<redis::RejectedId> ids, Options options) {
  const auto take = [&](const redis::RejectedItem& item) {
    if (options.wants(item)) ids.push_back(item.id);
    return true;
  };
  if (options.all)
    if (const int code = co_await for_all(session, take); code != 0) co_return code;
  int code = 0;
  std::uint64_t count = 0;
  for (const redis::RejectedId& id : ids) {
    const auto done =
        co_await redis::requeue_rejected(session.links, session.keys, session.installation.partitions, id);
    if (!done) {
      tools::complain("dun rejected: {}: {}\n", to_text(id), done.error().message);
      code = 1;
      break;
    }
    if (*done) {
      ++count;
      continue;
    }
    tools::complain("dun rejected: {}: there is no such entry; it may have been requeued already\n", to_text(id));
    code = 1;
  }
  tools::complain("{} {} requeued\n", count, count == 1 ? "event" : "events");
  co_return code;
}

void add_requeue(CLI::App& command, const std::shared_ptr<Options>& options, int& exit_code) {
  CLI::App* requeue_command =
      command.add_subcommand("requeue", "Put entries back on their stream, field by field as they came");
  tools::set_footer(*requeue_command,
                    {"dun rejected requeue 3:1767225600000-0", "dun rejected requeue --all --field state"});
  requeue_command->add_option("ID", options->ids, "As `dun rejected list` shows them");
  CLI::Option* all = requeue_command->add_flag("--all", options->all, "All there are");
  requeue_command->add_option("--field", options->field, "With --all: those whose field of this name is wrong")
      ->needs(all);
  tools::add_redis_options(*requeue_command, options->redis);
  requeue_command->callback([options, &exit_code] {
    std::vector<redis::RejectedId> ids;
    for (const std::string& text : options->ids) {
      const auto id = redis::parse_rejected_id(text);
      if (id) {
        ids.push_back(*id);
        continue;
      }
      tools::complain("dun rejected requeue: {} is not an id such as 3:1767225600000-0\n", text);
      exit_code = 2;
      return;
    }
    if (ids.empty() && !options->all) {
      tools::complain("dun rejected requeue: name the entries, or say --all\n");
      exit_code = 2;
      return;
    }
    exit_code = tools::with_redis(options->redis,
                                  [&](tools::RedisSession& session) { return requeue(session, ids, *options); });
  });
}

}  // namespace

void add_rejected_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("rejected", "Look at malformed events, and send them again");
  tools::set_footer(*command, {"dun rejected list", "dun rejected requeue --all"});
  command->require_subcommand(1);
  CLI::App* list_command = command->add_subcommand("list", "Show them with the field that is wrong and why");
  tools::add_redis_options(*list_command, options->redis);
  tools::set_footer(*list_command,
                    {"dun rejected list --summary", "dun rejected list --field state --limit 20 --json"});
  list_command->add_flag("--json", options->json, "As NDJSON");
  list_command->add_option("--field", options->field, "Those whose field of this name is wrong");
  list_command
      ->add_option("--limit", options->limit, "At most so many, partition by partition, the oldest first; 0: all")
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
