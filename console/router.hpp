// Which handler a path belongs to.
#pragma once

#include "console/http.hpp"

#include <memory>
#include <string>
#include <vector>

namespace dun::console {

/// A path belongs to the longest route that it begins with, segment by segment: `/receipts` takes `/receipts` and
/// `/receipts/a`, not `/receiptsa`. A path of no route is answered with 404.
class Router {
 public:
  void add(std::string route, HttpHandler handler);
  /// The routes so far, as one handler; it does not need the router any longer.
  [[nodiscard]] HttpHandler handler() const;

 private:
  struct Route {
    std::string path;
    HttpHandler handler;
  };
  using Routes = std::vector<Route>;
  static boost::asio::awaitable<HttpReply> dispatch(std::shared_ptr<const Routes> routes, HttpQuery query);

  Routes routes_;
};

/// `/healthz`: 200 and `ok` while `problems` returns none, else 503 and one problem a line.
[[nodiscard]] HttpHandler health_handler(std::function<std::vector<std::string>()> problems);

}  // namespace dun::console
