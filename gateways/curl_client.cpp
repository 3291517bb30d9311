#include "gateways/curl_client.hpp"

#include "base/assert.hpp"
#include "base/text/trim.hpp"
#include "gateways/connection_reuse.hpp"
#include "gateways/content_coding.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <unordered_map>

namespace dun::gateways {
namespace {

namespace asio = boost::asio;

constexpr long proxy_wants_password = 407;
constexpr long request_timeout = 408;

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;
using HeaderList = std::unique_ptr<curl_slist, ListCleanup>;

void initialise_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  DUN_ASSERT(done == CURLE_OK);
}

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  // What can fail here is memory or an option this libcurl was built without; neither can be worked around.
  DUN_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  DUN_ASSERT(longer != nullptr);
  (void)list.release();
  list.reset(longer);
}

Millis steady_now() {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

/// Whether something can be read, the end included.
bool has_input(int fd) {
  char byte = 0;
  const ssize_t size = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

int local_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

bool is_tls_error(CURLcode code) {
  static constexpr std::array codes = {
      CURLE_SSL_CONNECT_ERROR,    CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,  CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE,   CURLE_SSL_CRL_BADFILE,          CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED,           CURLE_SSL_CLIENTCERT,   CURLE_SSL_ENGINE_INITFAILED};
  return std::ranges::find(codes, code) != codes.end();
}

/// Ends an attempt to connect, whether or not there was a connection before.
bool is_connect_error(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
         code == CURLE_PROXY || is_tls_error(code);
}

TransportKind kind_before_sending(CURLcode code, long proxy_status) {
  if (code == CURLE_COULDNT_RESOLVE_HOST) return TransportKind::dns;
  if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY || proxy_status != 0) return TransportKind::proxy;
  return is_tls_error(code) ? TransportKind::tls : TransportKind::connect;
}

TransportKind kind_after_sending(CURLcode code) {
  if (code == CURLE_OPERATION_TIMEDOUT) return TransportKind::timeout;
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY) return TransportKind::malformed;
  return TransportKind::reset;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------- Driver

/// The multi handle and what connects it with Asio: its timer, and a descriptor for each of its sockets.
class CurlClient::Driver : public std::enable_shared_from_this<Driver> {
 public:
  Driver(asio::any_io_executor executor, TransportSpec transport)
      : executor_(std::move(executor)), transport_(std::move(transport)), multi_(curl_multi_init()), timer_(executor_) {
    DUN_ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Driver::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Driver::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(transport_.connections));
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  ~Driver() {
    curl_multi_cleanup(multi_);  // closes the idle connections, through close_socket
  }

  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
  [[nodiscard]] const TransportSpec& transport() const { return transport_; }

  /// A handle with everything set that is the same for every request.
  Easy take_easy();
  void give_back(Easy easy) {
    if (idle_.size() < static_cast<std::size_t>(transport_.connections)) idle_.push_back(std::move(easy));
  }

  /// Starts the transfer, or queues it until a connection is free.
  void admit(Transfer* transfer);
  /// Starts a transfer that has ended once more.
  void restart(Transfer* transfer);
  /// The transfer ends, whether or not it was started.
  void leave(Transfer* transfer);

  /// Whether connections may be used again now.
  [[nodiscard]] bool reuses() const { return transport_.keep_alive && reuse_.allowed(steady_now()); }
  void closed_under_request() { reuse_.failed(steady_now()); }

  /// The connection with this port of ours, about to carry a request.
  struct Carrier {
    int fd = -1;
    bool used_before = false;
  };
  Carrier carrier(int port);

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

  static curl_socket_t open_socket(void* driver, curlsocktype purpose, curl_sockaddr* address);
  static int close_socket(void* driver, curl_socket_t fd);
  static int on_socket(CURL*, curl_socket_t fd, int what, void* driver, void*);
  static int on_timer(CURLM*, long timeout_ms, void* driver);

  void wait_for(const SocketPtr& socket, curl_socket_t fd);
  void wait_for(const SocketPtr& socket, curl_socket_t fd, int direction, bool& waiting);
  void act(curl_socket_t fd, int events);
  void start(Transfer* transfer);
  void start_waiting();

  asio::any_io_executor executor_;
  TransportSpec transport_;
  CURLM* multi_;
  asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, SocketPtr> sockets_;
  std::vector<Easy> idle_;
  std::deque<Transfer*> waiting_;
  int active_ = 0;
  ConnectionReuse reuse_;
};

/// One request on its way. Lives in the frame of `perform`; leaving the frame ends the transfer.
class CurlClient::Transfer {
 public:
  Transfer(std::shared_ptr<Driver> driver, HttpRequest request)
      : driver_(std::move(driver)), request_(std::move(request)), wake_(driver_->executor()) {
    // A request that waits for a connection waits no longer than it may take to make one.
    wake_.expires_after(driver_->transport().connect_timeout);
    driver_->admit(this);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    driver_->leave(this);
    if (!easy_) return;
    set(easy_.get(), CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    driver_->give_back(std::move(easy_));
  }

  asio::awaitable<void> finished() {
    while (!done_) {
      boost::system::error_code error;
      co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      const bool timed_out = !error && !easy_;
      const bool cancelled =
          (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
      if (timed_out || cancelled) co_return;
      if (done_ && stale_) go_again();
    }
  }

  /// Called by the driver when there is a connection for it.
  CURL* prepare();
  void complete(CURLcode code) {
    code_ = code;
    done_ = true;
    wake_.cancel();
  }
  [[nodiscard]] CURL* handle() const { return easy_.get(); }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] HttpResult result();

 private:
  static int before_request(void* transfer, char*, char*, int, int our_port);
  void go_again();
  static std::size_t take_header(char* data, std::size_t, std::size_t size, void* transfer);
  static std::size_t take_body(char* data, std::size_t, std::size_t size, void* transfer);
  bool takes(std::size_t size);
  HttpResult answer();
  [[nodiscard]] TransportFailure too_large() const;
  [[nodiscard]] TransportFailure closed_unanswered(std::string_view how);

  std::shared_ptr<Driver> driver_;
  HttpRequest request_;
  asio::steady_timer wake_;
  Easy easy_;
  HeaderList headers_;
  HttpResponse response_;
  std::size_t size_ = 0;
  int sendings_ = 0;          // how often libcurl was about to send the request
  bool used_before_ = false;  // the connection had carried another request
  bool stale_ = false;        // there was something to read on it before the request left, which did not leave
  bool too_large_ = false;
  bool done_ = false;
  CURLcode code_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

Easy CurlClient::Driver::take_easy() {
  if (!idle_.empty()) {
    Easy easy = std::move(idle_.back());
    idle_.pop_back();
    return easy;
  }
  Easy easy(curl_easy_init());
  DUN_ASSERT(easy != nullptr);
  CURL* handle = easy.get();
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_USERAGENT, "dun");
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(transport_.connect_timeout.count()));
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(transport_.total_timeout.count()));
  set(handle, CURLOPT_MAXAGE_CONN, static_cast<long>(transport_.idle_max.count()));
  set(handle, CURLOPT_PROXY, transport_.proxy.c_str());
  set(handle, CURLOPT_SSL_VERIFYPEER, transport_.tls_verify ? 1L : 0L);
  set(handle, CURLOPT_SSL_VERIFYHOST, transport_.tls_verify ? 2L : 0L);
  if (!transport_.tls_ca.empty()) set(handle, CURLOPT_CAINFO, transport_.tls_ca.c_str());
  if (!transport_.tls_certificate.empty()) set(handle, CURLOPT_SSLCERT, transport_.tls_certificate.c_str());
  if (!transport_.tls_key.empty()) set(handle, CURLOPT_SSLKEY, transport_.tls_key.c_str());
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &Driver::open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, this);
  set(handle, CURLOPT_CLOSESOCKETFUNCTION, &Driver::close_socket);
  set(handle, CURLOPT_CLOSESOCKETDATA, this);
  return easy;
}

void CurlClient::Driver::admit(Transfer* transfer) {
  if (active_ < transport_.connections)
    start(transfer);
  else
    waiting_.push_back(transfer);
}

void CurlClient::Driver::start(Transfer* transfer) {
  ++active_;
  const CURLMcode added = curl_multi_add_handle(multi_, transfer->prepare());
  DUN_ASSERT(added == CURLM_OK);
}

void CurlClient::Driver::restart(Transfer* transfer) {
  curl_multi_remove_handle(multi_, transfer->handle());
  const CURLMcode added = curl_multi_add_handle(multi_, transfer->handle());
  DUN_ASSERT(added == CURLM_OK);
}

CurlClient::Driver::Carrier CurlClient::Driver::carrier(int port) {
  for (const auto& [fd, socket] : sockets_) {
    if (!socket->ours) continue;
    if (socket->port == 0) socket->port = local_port(fd);
    if (socket->port == port) return {.fd = fd, .used_before = std::exchange(socket->used, true)};
  }
  return {};
}

void CurlClient::Driver::leave(Transfer* transfer) {
  if (transfer->handle() == nullptr) {
    std::erase(waiting_, transfer);
    return;
  }
  curl_multi_remove_handle(multi_, transfer->handle());
  --active_;
  while (active_ < transport_.connections && !waiting_.empty()) {
    Transfer* next = waiting_.front();
    waiting_.pop_front();
    start(next);
  }
}

/// Lets libcurl work, and wakes whoever waits for what has ended by it.
void CurlClient::Driver::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->complete(message->data.result);
  }
}

curl_socket_t CurlClient::Driver::open_socket(void* driver, curlsocktype, curl_sockaddr* address) {
  auto* self = static_cast<Driver*>(driver);
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  auto socket = std::make_shared<Socket>(self->executor_);
  boost::system::error_code error;
  socket->descriptor.assign(fd, error);
  if (error) {
    ::close(fd);
    return CURL_SOCKET_BAD;
  }
  socket->ours = true;
  self->sockets_[fd] = std::move(socket);
  return fd;
}

int CurlClient::Driver::close_socket(void* driver, curl_socket_t fd) {
  auto* self = static_cast<Driver*>(driver);
  const auto found = self->sockets_.find(fd);
  if (found == self->sockets_.end()) return ::close(fd);
  const SocketPtr socket = found->second;
  self->sockets_.erase(found);
  socket->wanted = CURL_POLL_NONE;
  boost::system::error_code error;
  socket->descriptor.close(error);
  return error ? -1 : 0;
}

int CurlClient::Driver::on_socket(CURL*, curl_socket_t fd, int what, void* driver, void*) {
  auto* self = static_cast<Driver*>(driver);
  const auto found = self->sockets_.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (found == self->sockets_.end()) return 0;
    const SocketPtr socket = found->second;
    socket->wanted = CURL_POLL_NONE;
    if (!socket->ours) {
      self->sockets_.erase(found);
      socket->descriptor.release();  // libcurl closes it
    }
    return 0;
  }
  if (found == self->sockets_.end()) {
    auto socket = std::make_shared<Socket>(self->executor_);
    boost::system::error_code error;
    socket->descriptor.assign(fd, error);
    if (error) return -1;
    self->sockets_[fd] = std::move(socket);
  }
  const SocketPtr socket = self->sockets_[fd];
  socket->wanted = what;
  self->wait_for(socket, fd);
  return 0;
}

int CurlClient::Driver::on_timer(CURLM*, long timeout_ms, void* driver) {
  auto* self = static_cast<Driver*>(driver);
  if (timeout_ms < 0) {
    self->timer_.cancel();
    return 0;
  }
  self->timer_.expires_after(Millis(timeout_ms));
  self->timer_.async_wait([weak = self->weak_from_this()](const boost::system::error_code& error) {
    const auto alive = weak.lock();
    if (!error && alive) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlClient::Driver::wait_for(const SocketPtr& socket, curl_socket_t fd) {
  if ((socket->wanted & CURL_POLL_IN) != 0) wait_for(socket, fd, CURL_POLL_IN, socket->reading);
  if ((socket->wanted & CURL_POLL_OUT) != 0) wait_for(socket, fd, CURL_POLL_OUT, socket->writing);
}

void CurlClient::Driver::wait_for(const SocketPtr& socket, curl_socket_t fd, int direction, bool& waiting) {
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

// -------------------------------------------------------------------------------------------------------- Transfer

CURL* CurlClient::Transfer::prepare() {
  wake_.expires_at(asio::steady_timer::time_point::max());  // from here on libcurl watches the time
  easy_ = driver_->take_easy();
  CURL* easy = easy_.get();
  for (const auto& [name, value] : request_.headers) append(headers_, fmt::format("{}: {}", name, value));
  append(headers_, "Expect:");  // no pause for "100 Continue" before a body
  const bool reuses = driver_->reuses();
  if (!reuses) append(headers_, "Connection: close");
  set(easy, CURLOPT_FRESH_CONNECT, reuses ? 0L : 1L);
  set(easy, CURLOPT_FORBID_REUSE, reuses ? 0L : 1L);
  const bool sends_body = request_.method != "GET";
  if (sends_body && request_.body.empty()) append(headers_, "Content-Type:");
  set(easy, CURLOPT_URL, request_.url.c_str());
  if (sends_body) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
    set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  } else {
    set(easy, CURLOPT_HTTPGET, 1L);
    set(easy, CURLOPT_CUSTOMREQUEST, static_cast<char*>(nullptr));
  }
  set(easy, CURLOPT_HTTPHEADER, headers_.get());
  set(easy, CURLOPT_ERRORBUFFER, error_.data());
  set(easy, CURLOPT_PRIVATE, this);
  set(easy, CURLOPT_PREREQFUNCTION, &Transfer::before_request);
  set(easy, CURLOPT_PREREQDATA, this);
  set(easy, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  set(easy, CURLOPT_WRITEDATA, this);
  return easy;
}

int CurlClient::Transfer::before_request(void* transfer, char*, char*, int, int our_port) {
  auto* self = static_cast<Transfer*>(transfer);
  if (self->sendings_ > 0) {
    ++self->sendings_;
    return CURL_PREREQFUNC_ABORT;
  }
  // Whatever is there already is no answer to what has not been asked: servers say 408 on a connection that they think
  // idle, before they close it.
  const auto carrier = self->driver_->carrier(our_port);
  self->used_before_ = carrier.used_before;
  self->stale_ = carrier.used_before && has_input(carrier.fd);
  if (self->stale_) return CURL_PREREQFUNC_ABORT;
  ++self->sendings_;
  return CURL_PREREQFUNC_OK;
}

/// On a connection of its own, after the one that it should have gone on was found to be at its end.
void CurlClient::Transfer::go_again() {
  done_ = stale_ = used_before_ = false;
  error_.front() = '\0';
  set(easy_.get(), CURLOPT_FRESH_CONNECT, 1L);
  driver_->restart(this);
}

bool CurlClient::Transfer::takes(std::size_t size) {
  size_ += size;
  too_large_ = size_ > driver_->transport().answer_max;
  return !too_large_;
}

std::size_t CurlClient::Transfer::take_header(char* data, std::size_t, std::size_t size, void* transfer) {
  auto* self = static_cast<Transfer*>(transfer);
  const std::string_view line(data, size);
  if (!self->takes(size)) return 0;
  if (line.starts_with("HTTP/")) {  // a new answer begins; what came before was an interim one
    self->response_.headers.clear();
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    self->response_.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return size;
}

std::size_t CurlClient::Transfer::take_body(char* data, std::size_t, std::size_t size, void* transfer) {
  auto* self = static_cast<Transfer*>(transfer);
  if (!self->takes(size)) return 0;
  self->response_.body.append(data, size);
  return size;
}

HttpResult CurlClient::Transfer::result() {
  if (!easy_) return TransportFailure{TransportKind::not_sent, "no connection became free in time"};
  if (!done_)
    return TransportFailure{sendings_ > 0 ? TransportKind::reset : TransportKind::not_sent,
                            "stopped before an answer came"};
  if (code_ == CURLE_OK) return answer();
  if (sendings_ > 1) return closed_unanswered("it was not sent again");
  // libcurl went for another connection to send it again on, and did not get one: its own words are about that.
  if (sendings_ == 1 && is_connect_error(code_)) return closed_unanswered("there was no other");
  if (too_large_) return too_large();
  const std::string_view text = error_.front() != '\0' ? error_.data() : curl_easy_strerror(code_);
  if (sendings_ == 0) {
    long proxy_status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    return TransportFailure{kind_before_sending(code_, proxy_status), std::string(text)};
  }
  const TransportKind kind = kind_after_sending(code_);
  if (kind == TransportKind::reset && used_before_ && size_ == 0) return closed_unanswered(text);
  return TransportFailure{kind, std::string(text)};
}

HttpResult CurlClient::Transfer::answer() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (status == proxy_wants_password && !driver_->transport().proxy.empty())
    return TransportFailure{TransportKind::proxy, "the proxy asks for a password (407)"};
  // RFC 9110, 15.5.9: the server had no request to read. It wrote this while ours was on its way.
  if (status == request_timeout && used_before_) return closed_unanswered("it said 408");
  if (!decode_content(response_, driver_->transport().answer_max)) return too_large();
  return std::move(response_);
}

TransportFailure CurlClient::Transfer::too_large() const {
  return {TransportKind::too_large, fmt::format("the answer is longer than {} bytes", driver_->transport().answer_max)};
}

TransportFailure CurlClient::Transfer::closed_unanswered(std::string_view how) {
  driver_->closed_under_request();
  return {TransportKind::repeated, fmt::format("the connection closed after the request was sent; {}", how)};
}

// ------------------------------------------------------------------------------------------------------ CurlClient

CurlClient::CurlClient(asio::any_io_executor executor, TransportSpec transport) {
  initialise_curl();
  driver_ = std::make_shared<Driver>(std::move(executor), std::move(transport));
}

CurlClient::~CurlClient() = default;

asio::awaitable<HttpResult> CurlClient::perform(HttpRequest request) {
  return perform_on(driver_, std::move(request));
}

asio::awaitable<HttpResult> CurlClient::perform_on(std::shared_ptr<Driver> driver, HttpRequest request) {
  Transfer transfer(std::move(driver), std::move(request));
  co_await transfer.finished();
  co_return transfer.result();
}

}  // namespace dun::gateways
