// Which handler a path belongs to.
#pragma once

#include "base/http/message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dun::http {

/// A path belongs to the longest endpoint that it begins with, segment by segment: `/receipts` takes `/receipts` and
/// `/receipts/a`, not `/receiptsa`; an exact one takes its own path and no other. A path of none is answered with 404.
class Endpoints {
 public:
  enum class Match : std::uint8_t { beginning, exact };
  void add(std::string path, Handler handler, Match match = Match::beginning);
  /// Those so far, as one handler; it does not need this object any longer.
  [[nodiscard]] Handler handler() const;

 private:
  struct Endpoint {
    std::string path;
    Handler handler;
    Match match = Match::beginning;
    [[nodiscard]] bool takes(std::string_view path) const;
  };
  using All = std::vector<Endpoint>;
  static boost::asio::awaitable<Reply> dispatch(std::shared_ptr<const All> all, Request request);

  All all_;
};

/// What a process says of its health.
struct Health {
  std::vector<std::string> problems;  ///< it cannot do its work
  std::vector<std::string> alerts;    ///< somebody must act; taking the process away would not help
};
/// `/healthz`, GET and HEAD: 200 and `ok` while there are no problems, else 503 and one problem a line; then the
/// alerts.
[[nodiscard]] Handler health_handler(std::function<Health()> health);

}  // namespace dun::http
