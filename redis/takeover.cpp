#include "redis/takeover.hpp"

#include <fmt/format.h>

#include <utility>

namespace dun::redis {
namespace {

std::string fact(std::string_view info, std::string_view name) {
  const std::string begin = "\n" + std::string(name) + ":";
  const std::size_t at = info.find(begin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = info.substr(at + begin.size());
  return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

}  // namespace

ServerHistory read_history(std::string_view info, std::string place) {
  return {.id = fact(info, "master_replid"), .before = fact(info, "master_replid2"), .place = std::move(place)};
}

bool took_over(std::string_view known, const ServerHistory& now, bool sentinel) {
  const std::size_t space = std::min(known.find(' '), known.size());
  const std::string_view id = known.substr(0, space);
  const std::string_view place = known.substr(std::min(space + 1, known.size()));
  if (id.empty() || now.id.empty() || id == now.id || place == now.place) return false;
  return sentinel || now.before == id;
}

WallTime read_hold(const Value& field) {
  return WallTime(Millis(field.to_number()));
}

Takeover::Takeover(Link& link, Lease& lease, std::string meta, std::string what, TakeoverOptions options)
    : link_(link), lease_(lease), meta_(std::move(meta)), what_(std::move(what)), options_(std::move(options)) {}

Awaitable<StoreResult<void>> Takeover::look() {
  if (options_.wait == Millis(0)) co_return StoreResult<void>();
  const auto replies = co_await ask(link_, {{"INFO", "replication"}, {"HMGET", meta_, "history", "hold_until"}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& found = (*replies)[1];
  if (!found.is(Value::Type::array) || found.items.size() != 2) co_return std::unexpected(store_error(found, meta_));
  hold_until_ = read_hold(found.items[1]);
  const ServerHistory now = read_history((*replies)[0].text, link_.display());
  const std::string& known = found.items[0].text;
  const std::string seen = fmt::format("{} {}", now.id, now.place);
  // Without an id there is no INFO for us: nothing can be known.
  if (now.id.empty() || known == seen) co_return StoreResult<void>();
  Command remember = {"HSET", meta_, "history", seen};
  if (took_over(known, now, options_.sentinel)) {
    hold_until_ = wall_time() + options_.wait;
    remember.insert(remember.end(), {"hold_until", std::to_string(hold_until_.time_since_epoch().count())});
    if (options_.on_takeover)
      options_.on_takeover(fmt::format(
          "{}: {} took over from {} and may lack its last writes; nothing is sent for {}, so that producers "
          "can send again what was not yet safe",
          what_, now.place, known.substr(std::min(known.find(' ') + 1, known.size())), dun::to_text(options_.wait)));
  }
  const auto committed = co_await lease_.commit({std::move(remember)});
  if (!committed) co_return std::unexpected(committed.error());
  co_return StoreResult<void>();
}

}  // namespace dun::redis
