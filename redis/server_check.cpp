#include "redis/server_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace dun::redis {
namespace {

using Facts = std::map<std::string, std::string, std::less<>>;

void read_info(Facts& facts, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const std::size_t colon = line.find(':'); colon != std::string_view::npos)
      facts.emplace(line.substr(0, colon), line.substr(colon + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// CONFIG GET's flat list, under the names that INFO uses where it has them.
void read_config(Facts& facts, const Value& reply) {
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    std::string name = reply.items[i].text;
    if (name == "maxmemory-policy") name = "maxmemory_policy";
    facts.insert_or_assign(std::move(name), reply.items[i + 1].text);
  }
}

std::string fact(const Facts& facts, std::string_view name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string() : found->second;
}

void warn_of_persistence(std::vector<std::string>& warnings, const Facts& facts, bool config_seen) {
  const bool aof = fact(facts, "aof_enabled") == "1";
  const bool snapshots = !fact(facts, "save").empty();
  if (!aof && config_seen && !snapshots)
    warnings.emplace_back(
        "NOTHING IS PERSISTENT: neither AOF nor RDB snapshots are on, so a restart of Redis loses every record, held "
        "notice and timer; set appendonly yes and appendfsync always");
  else if (!aof)
    warnings.emplace_back(
        "the AOF is off, so a restart of Redis loses everything since its last snapshot" +
        std::string(config_seen ? "" : ", if there are snapshots: the ACL does not let Dun see that") +
        "; set appendonly yes and appendfsync always");
  else if (config_seen && fact(facts, "appendfsync") != "always")
    warnings.push_back(
        fmt::format("appendfsync is {}, so a crash of the machine can lose acknowledged writes of the "
                    "last seconds; set appendfsync always, Dun's batches make it cheap",
                    fact(facts, "appendfsync")));
}

void warn_of_the_rest(std::vector<std::string>& warnings, const Facts& facts, bool config_seen) {
  if (fact(facts, "role") == "slave")
    warnings.emplace_back("this server is a replica and will refuse every commit; give the address of the master");
  if (!config_seen) {
    warnings.emplace_back(
        "the ACL forbids CONFIG GET, so appendfsync and snapshots could not be checked; grant "
        "+config|get to see them");
    return;
  }
  constexpr std::int64_t record_bytes = 256;
  if (const auto limit = text_value(fact(facts, "hash-max-listpack-value")).to_number(); limit < record_bytes)
    warnings.push_back(
        fmt::format("hash-max-listpack-value is {}: account records are longer, so each costs about 100 "
                    "bytes more than it needs; set it to {} or more",
                    limit, 2 * record_bytes));
}

}  // namespace

Awaitable<StoreResult<ServerReport>> check_server(Link& link) {
  const auto server = co_await link.connected();
  if (!server) co_return std::unexpected(unavailable(server.error()));
  const auto replies =
      co_await ask(link, {{"INFO", "memory"},
                          {"INFO", "persistence"},
                          {"INFO", "replication"},
                          {"CONFIG", "GET", "maxmemory-policy", "save", "appendfsync", "hash-max-listpack-value"}});
  if (!replies) co_return std::unexpected(replies.error());
  for (const Value& reply : *replies)
    if (is_absence(reply)) co_return std::unexpected(store_error(reply, link.display()));
  Facts facts;
  for (std::size_t i = 0; i < 3; ++i) read_info(facts, (*replies)[i].text);
  const bool config_seen = (*replies)[3].is(Value::Type::array);
  if (config_seen) read_config(facts, (*replies)[3]);

  // What such a server says of its persistence is not yet so.
  if (fact(facts, "loading") == "1")
    co_return std::unexpected(StoreError{.kind = StoreError::Kind::unavailable,
                                         .message = fmt::format("{}: the server is loading its data", link.display())});

  ServerReport report{.version = server->version, .warnings = {}};
  const std::string policy = fact(facts, "maxmemory_policy");
  if (!policy.empty() && policy != "noeviction")
    co_return std::unexpected(StoreError{
        .kind = StoreError::Kind::refused,
        .message = fmt::format("{}: maxmemory-policy is {}, under which Redis may throw away accounts and notices; set "
                               "it to noeviction (redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf)",
                               link.display(), policy)});
  if (policy.empty()) {
    report.warnings.emplace_back(
        "the ACL forbids INFO and CONFIG GET, so neither persistence nor eviction could be "
        "checked; grant +info");
    co_return report;
  }
  warn_of_persistence(report.warnings, facts, config_seen);
  warn_of_the_rest(report.warnings, facts, config_seen);
  co_return report;
}

}  // namespace dun::redis
