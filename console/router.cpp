#include "console/router.hpp"

#include <boost/asio/awaitable.hpp>

namespace dun::console {
namespace {

bool belongs(std::string_view path, std::string_view route) {
  return path.starts_with(route) && (path.size() == route.size() || path[route.size()] == '/');
}

boost::asio::awaitable<HttpReply> tell_health(Health health) {
  HttpReply reply{.status = health.problems.empty() ? 200 : 503, .body = health.problems.empty() ? "ok\n" : ""};
  for (const std::string& problem : health.problems) reply.body += problem + "\n";
  for (const std::string& alert : health.alerts) reply.body += "alert " + alert + "\n";
  co_return reply;
}

}  // namespace

void Router::add(std::string route, HttpHandler handler) {
  routes_.push_back({.path = std::move(route), .handler = std::move(handler)});
}

HttpHandler Router::handler() const {
  return [routes = std::make_shared<const Routes>(routes_)](HttpQuery query) {
    return dispatch(routes, std::move(query));
  };
}

boost::asio::awaitable<HttpReply> Router::dispatch(std::shared_ptr<const Routes> routes, HttpQuery query) {
  const Route* best = nullptr;
  for (const Route& route : *routes)
    if (belongs(query.path, route.path) && (best == nullptr || route.path.size() > best->path.size())) best = &route;
  if (best == nullptr) co_return HttpReply{.status = 404, .body = "there is nothing at this path\n"};
  co_return co_await best->handler(std::move(query));
}

HttpHandler health_handler(std::function<Health()> health) {
  return [health = std::move(health)](const HttpQuery&) { return tell_health(health()); };
}

}  // namespace dun::console
