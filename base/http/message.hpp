// An HTTP exchange as our own listener's handlers see it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dun::http {

struct Request {
  std::string method;
  std::string path;   ///< as sent, without the query; begins with a slash and has no dot segments
  std::string query;  ///< as sent, without the question mark
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string source;  ///< address of the client
};

struct Reply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< besides those that every answer has
};

/// Ends by itself: the server waits for it when it stops. An exception that leaves it is answered with 500.
using Handler = std::function<boost::asio::awaitable<Reply>(Request)>;

}  // namespace dun::http
