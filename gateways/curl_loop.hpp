// libcurl's multi handle on an Asio executor: one timer, and a descriptor for each of its sockets.
#pragma once

#include "domain/time.hpp"

#include <curl/curl.h>
#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace dun::gateways {

/// Lets libcurl work when a socket is ready or a time has come. What libcurl wants done at once (a time-out of nothing,
/// which it sets for each transfer that begins) is done once a turn of the event loop, for all transfers together, and
/// without a system call; the timer is set anew only when the earliest time becomes an earlier one.
///
/// Belongs to the thread of its executor; waits that are under way may outlive it.
class CurlLoop {
 public:
  /// Told of each transfer that has ended; it is still to be removed.
  using Ended = void (*)(CURL* easy, CURLcode code);
  /// Keeps at most so many connections that carry nothing.
  CurlLoop(boost::asio::any_io_executor executor, long connections, Ended ended);
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  ~CurlLoop();

  /// Makes the sockets of the handle's transfers this loop's.
  void adopt(CURL* easy);
  void add(CURL* easy);
  void remove(CURL* easy);

  /// The connection with this port of ours, about to carry a request.
  struct Carrier {
    int fd = -1;
    bool used_before = false;
  };
  Carrier carrier(int port);

 private:
  class Multi;
  std::shared_ptr<Multi> multi_;
};

}  // namespace dun::gateways
