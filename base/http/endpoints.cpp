#include "base/http/endpoints.hpp"

#include <boost/asio/awaitable.hpp>

namespace dun::http {
namespace {

boost::asio::awaitable<Reply> tell_health(Health health, std::string method) {
  if (method != "GET" && method != "HEAD")
    co_return Reply{.status = 405, .body = "health is read with GET\n", .headers = {{"Allow", "GET, HEAD"}}};
  Reply reply{.status = health.problems.empty() ? 200 : 503, .body = health.problems.empty() ? "ok\n" : ""};
  for (const std::string& problem : health.problems) reply.body += problem + "\n";
  for (const std::string& alert : health.alerts) reply.body += "alert " + alert + "\n";
  co_return reply;
}

}  // namespace

bool Endpoints::Endpoint::takes(std::string_view asked) const {
  if (!asked.starts_with(path)) return false;
  return asked.size() == path.size() || (match == Match::beginning && asked[path.size()] == '/');
}

void Endpoints::add(std::string path, Handler handler, Match match) {
  all_.push_back({.path = std::move(path), .handler = std::move(handler), .match = match});
}

Handler Endpoints::handler() const {
  return [all = std::make_shared<const All>(all_)](Request request) { return dispatch(all, std::move(request)); };
}

boost::asio::awaitable<Reply> Endpoints::dispatch(std::shared_ptr<const All> all, Request request) {
  const Endpoint* best = nullptr;
  for (const Endpoint& each : *all)
    if (each.takes(request.path) && (best == nullptr || each.path.size() > best->path.size())) best = &each;
  if (best == nullptr) co_return Reply{.status = 404, .body = "there is nothing at this path\n"};
  co_return co_await best->handler(std::move(request));
}

Handler health_handler(std::function<Health()> health) {
  return [health = std::move(health)](const Request& request) { return tell_health(health(), request.method); };
}

}  // namespace dun::http
