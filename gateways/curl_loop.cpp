#include "gateways/curl_loop.hpp"

#include "base/assert.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <unordered_map>
#include <utility>

namespace dun::gateways {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

int local_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

class CurlLoop::Multi : public std::enable_shared_from_this<Multi> {
 public:
  Multi(asio::any_io_executor executor, long connections, Ended ended)
      : executor_(std::move(executor)), ended_(ended), multi_(curl_multi_init()), timer_(executor_) {
    DUN_ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  }
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  ~Multi() {
    curl_multi_cleanup(multi_);  // closes the idle connections, through close_socket
  }

  [[nodiscard]] CURLM* handle() const { return multi_; }
  Carrier carrier(int port);

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int close_socket(void* self, curl_socket_t fd);

 private:
  struct Socket {
    explicit Socket(const asio::any_io_executor& executor) : descriptor(executor) {}
    asio::posix::stream_descriptor descriptor;
    int wanted = CURL_POLL_NONE;
    bool reading = false, writing = false;  // a wait is under way
    bool ours = false;                      // made by open_socket; others are libcurl's own, such as the resolver's
    int port = 0;                           // our end's, once it was asked for
    bool used = false;                      // has carried a request
  };
  using SocketPtr = std::shared_ptr<Socket>;

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);

  void wait_for(const SocketPtr& socket, curl_socket_t fd);
  void wait_for(const SocketPtr& socket, curl_socket_t fd, int direction, bool& waiting);
  void act(curl_socket_t fd, int events);
  void act_soon();
  void arm();
  void act_on_time();

  asio::any_io_executor executor_;
  Ended ended_;
  CURLM* multi_;
  std::optional<Steady::time_point> due_;  ///< when libcurl next wants to work
  bool soon_ = false;                      ///< a turn for that is under way
  asio::steady_timer timer_;
  std::optional<Steady::time_point> armed_;  ///< what the timer stands at
  std::unordered_map<curl_socket_t, SocketPtr> sockets_;
  std::unordered_map<int, curl_socket_t> by_port_;  ///< those that have carried a request
};

CurlLoop::Carrier CurlLoop::Multi::carrier(int port) {
  if (const auto known = by_port_.find(port); known != by_port_.end()) {
    Socket& socket = *sockets_.at(known->second);
    return {.fd = known->second, .used_before = std::exchange(socket.used, true)};
  }
  for (const auto& [fd, socket] : sockets_) {
    if (!socket->ours || socket->port != 0) continue;
    socket->port = local_port(fd);
    by_port_.insert_or_assign(socket->port, fd);
    if (socket->port == port) return {.fd = fd, .used_before = std::exchange(socket->used, true)};
  }
  return {};
}

/// Lets libcurl work, and tells of what has ended by it.
void CurlLoop::Multi::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
    if (message->msg == CURLMSG_DONE) ended_(message->easy_handle, message->data.result);
}

curl_socket_t CurlLoop::Multi::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* multi = static_cast<Multi*>(self);
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  auto socket = std::make_shared<Socket>(multi->executor_);
  boost::system::error_code error;
  socket->descriptor.assign(fd, error);
  if (error) {
    ::close(fd);
    return CURL_SOCKET_BAD;
  }
  socket->ours = true;
  multi->sockets_[fd] = std::move(socket);
  return fd;
}

int CurlLoop::Multi::close_socket(void* self, curl_socket_t fd) {
  auto* multi = static_cast<Multi*>(self);
  const auto found = multi->sockets_.find(fd);
  if (found == multi->sockets_.end()) return ::close(fd);
  const SocketPtr socket = found->second;
  multi->sockets_.erase(found);
  if (const auto port = multi->by_port_.find(socket->port); port != multi->by_port_.end() && port->second == fd)
    multi->by_port_.erase(port);
  socket->wanted = CURL_POLL_NONE;
  boost::system::error_code error;
  socket->descriptor.close(error);
  return error ? -1 : 0;
}

int CurlLoop::Multi::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  auto* multi = static_cast<Multi*>(self);
  const auto found = multi->sockets_.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (found == multi->sockets_.end()) return 0;
    const SocketPtr socket = found->second;
    socket->wanted = CURL_POLL_NONE;
    if (!socket->ours) {
      multi->sockets_.erase(found);
      socket->descriptor.release();  // libcurl closes it
    }
    return 0;
  }
  if (found == multi->sockets_.end()) {
    auto socket = std::make_shared<Socket>(multi->executor_);
    boost::system::error_code error;
    socket->descriptor.assign(fd, error);
    if (error) return -1;
    multi->sockets_[fd] = std::move(socket);
  }
  const SocketPtr socket = multi->sockets_[fd];
  socket->wanted = what;
  multi->wait_for(socket, fd);
  return 0;
}

void CurlLoop::Multi::wait_for(const SocketPtr& socket, curl_socket_t fd) {
  if ((socket->wanted & CURL_POLL_IN) != 0) wait_for(socket, fd, CURL_POLL_IN, socket->reading);
  if ((socket->wanted & CURL_POLL_OUT) != 0) wait_for(socket, fd, CURL_POLL_OUT, socket->writing);
}

void CurlLoop::Multi::wait_for(const SocketPtr& socket, curl_socket_t fd, int direction, bool& waiting) {
  if (waiting) return;
  waiting = true;
  const bool in = direction == CURL_POLL_IN;
  socket->descriptor.async_wait(
      in ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write,
      [weak = weak_from_this(), socket, fd, in](const boost::system::error_code& error) {
        (in ? socket->reading : socket->writing) = false;
        const auto alive = weak.lock();
        // Once the socket is closed or idle libcurl wants nothing of it, and its number may be another one's.
        if (error == asio::error::operation_aborted || !alive ||
            (socket->wanted & (in ? CURL_POLL_IN : CURL_POLL_OUT)) == 0)
          return;
        alive->act(fd, error ? CURL_CSELECT_ERR : in ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
        if (socket->wanted != CURL_POLL_NONE) alive->wait_for(socket, fd);
      });
}

// ------------------------------------------------------------------------------------------------------------- time

int CurlLoop::Multi::on_timer(CURLM*, long timeout_ms, void* self) {
  auto* multi = static_cast<Multi*>(self);
  if (timeout_ms < 0) {
    multi->due_.reset();
    return 0;
  }
  multi->due_ = Steady::now() + Millis(timeout_ms);
  if (timeout_ms == 0)
    multi->act_soon();
  else
    multi->arm();
  return 0;
}

/// In this turn of the event loop or the next, once for all that wants it.
void CurlLoop::Multi::act_soon() {
  if (std::exchange(soon_, true)) return;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->soon_ = false;
    alive->act_on_time();
  });
}

/// One that stands at an earlier time is left: it looks when it runs out.
void CurlLoop::Multi::arm() {
  if (armed_ && *armed_ <= *due_) return;
  armed_ = *due_;
  timer_.expires_at(*due_);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto alive = weak.lock();
    if (error || !alive) return;
    alive->armed_.reset();
    alive->act_on_time();
  });
}

void CurlLoop::Multi::act_on_time() {
  if (!due_) return;
  if (*due_ > Steady::now()) return arm();
  act(CURL_SOCKET_TIMEOUT, 0);
  // libcurl says when only where it is another time than it said last.
  long left_ms = -1;
  curl_multi_timeout(multi_, &left_ms);
  on_timer(multi_, left_ms, this);
}

// --------------------------------------------------------------------------------------------------------- CurlLoop

CurlLoop::CurlLoop(asio::any_io_executor executor, long connections, Ended ended)
    : multi_(std::make_shared<Multi>(std::move(executor), connections, ended)) {}

CurlLoop::~CurlLoop() = default;

void CurlLoop::adopt(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Multi::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, multi_.get());
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Multi::close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, multi_.get());
}

void CurlLoop::add(CURL* easy) {
  const CURLMcode added = curl_multi_add_handle(multi_->handle(), easy);
  DUN_ASSERT(added == CURLM_OK);
}

void CurlLoop::remove(CURL* easy) {
  curl_multi_remove_handle(multi_->handle(), easy);
}

CurlLoop::Carrier CurlLoop::carrier(int port) {
  return multi_->carrier(port);
}

}  // namespace dun::gateways
