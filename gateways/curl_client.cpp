#include "gateways/curl_client.hpp"

#include "base/assert.hpp"
#include "base/text/trim.hpp"
#include "gateways/connection_reuse.hpp"
#include "gateways/content_coding.hpp"
#include "gateways/curl_handle.hpp"
#include "gateways/curl_loop.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <vector>

namespace dun::gateways {
namespace {

namespace asio = boost::asio;

constexpr long proxy_wants_password = 407;
constexpr long request_timeout = 408;

void initialise_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  DUN_ASSERT(done == CURLE_OK);
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

/// What all requests to the gateway share: the connections, the handles that are idle, and who waits for one.
class CurlClient::Driver {
 public:
  Driver(asio::any_io_executor executor, TransportSpec transport)
      : executor_(executor),
        transport_(std::move(transport)),
        loop_(std::move(executor), static_cast<long>(transport_.connections),
              [](CURL* easy, CURLcode code) { CurlHandle::exchange_of(easy).complete(code); }) {}

  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
  [[nodiscard]] const TransportSpec& transport() const { return transport_; }
  [[nodiscard]] CurlLoop& loop() { return loop_; }

  std::unique_ptr<CurlHandle> take_handle() {
    if (idle_.empty()) return std::make_unique<CurlHandle>(transport_, loop_);
    auto handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  /// Starts the transfer, or queues it until a connection is free.
  void admit(Transfer* transfer);
  /// The transfer ends, whether or not it was started.
  void leave(Transfer* transfer, std::unique_ptr<CurlHandle> handle);

  /// Whether connections may be used again now.
  [[nodiscard]] bool reuses() const { return transport_.keep_alive && reuse_.allowed(steady_now()); }
  void closed_under_request() { reuse_.failed(steady_now()); }

 private:
  void start(Transfer* transfer);

  asio::any_io_executor executor_;
  TransportSpec transport_;
  CurlLoop loop_;
  std::vector<std::unique_ptr<CurlHandle>> idle_;
  std::deque<Transfer*> waiting_;
  int active_ = 0;
  ConnectionReuse reuse_;
};

/// One request on its way. Lives in the frame of `perform`; leaving the frame ends the transfer.
class CurlClient::Transfer final : public CurlExchange {
 public:
  Transfer(std::shared_ptr<Driver> driver, HttpRequest request)
      : driver_(std::move(driver)), request_(std::move(request)), wake_(driver_->executor()) {
    // A request that waits for a connection waits no longer than it may take to make one.
    wake_.expires_after(driver_->transport().connect_timeout);
    driver_->admit(this);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() override { driver_->leave(this, std::move(handle_)); }

  asio::awaitable<void> finished() {
    while (!done_) {
      boost::system::error_code error;
      co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      const bool timed_out = !error && !handle_;
      const bool cancelled =
          (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
      if (timed_out || cancelled) co_return;
      if (done_ && stale_) go_again();
    }
  }

  /// There is a connection for it.
  void begin() {
    wake_.expires_at(asio::steady_timer::time_point::max());  // from here on libcurl watches the time
    handle_ = driver_->take_handle();
    handle_->prepare(request_, driver_->reuses(), *this);
    driver_->loop().add(handle_->get());
  }
  void complete(CURLcode code) override {
    code_ = code;
    done_ = true;
    wake_.cancel();
  }
  [[nodiscard]] HttpResult result();

 private:
  bool about_to_send(int our_port) override;
  bool take_header(std::string_view line) override;
  bool take_body(std::string_view piece) override;
  void go_again();
  bool takes(std::size_t size);
  HttpResult answer();
  [[nodiscard]] TransportFailure too_large() const;
  [[nodiscard]] TransportFailure closed_unanswered(std::string_view how);

  std::shared_ptr<Driver> driver_;
  HttpRequest request_;
  asio::steady_timer wake_;
  std::unique_ptr<CurlHandle> handle_;
  HttpResponse response_;
  std::size_t size_ = 0;
  int sendings_ = 0;          // how often libcurl was about to send the request
  bool used_before_ = false;  // the connection had carried another request
  bool stale_ = false;        // there was something to read on it before the request left, which did not leave
  bool too_large_ = false;
  bool done_ = false;
  CURLcode code_ = CURLE_OK;
};

void CurlClient::Driver::admit(Transfer* transfer) {
  if (active_ < transport_.connections)
    start(transfer);
  else
    waiting_.push_back(transfer);
}

void CurlClient::Driver::start(Transfer* transfer) {
  ++active_;
  transfer->begin();
}

void CurlClient::Driver::leave(Transfer* transfer, std::unique_ptr<CurlHandle> handle) {
  if (!handle) {
    std::erase(waiting_, transfer);
    return;
  }
  loop_.remove(handle->get());
  handle->release();
  if (idle_.size() < static_cast<std::size_t>(transport_.connections)) idle_.push_back(std::move(handle));
  --active_;
  while (active_ < transport_.connections && !waiting_.empty()) {
    Transfer* next = waiting_.front();
    waiting_.pop_front();
    start(next);
  }
}

// -------------------------------------------------------------------------------------------------------- Transfer

bool CurlClient::Transfer::about_to_send(int our_port) {
  if (sendings_ > 0) {
    ++sendings_;
    return false;
  }
  // Whatever is there already is no answer to what has not been asked: servers say 408 on a connection that they think
  // idle, before they close it.
  const auto carrier = driver_->loop().carrier(our_port);
  used_before_ = carrier.used_before;
  stale_ = carrier.used_before && has_input(carrier.fd);
  if (stale_) return false;
  ++sendings_;
  return true;
}

/// On a connection of its own, after the one that it should have gone on was found to be at its end.
void CurlClient::Transfer::go_again() {
  done_ = stale_ = used_before_ = false;
  driver_->loop().remove(handle_->get());
  handle_->prepare_again();
  driver_->loop().add(handle_->get());
}

bool CurlClient::Transfer::takes(std::size_t size) {
  size_ += size;
  too_large_ = size_ > driver_->transport().answer_max;
  return !too_large_;
}

bool CurlClient::Transfer::take_header(std::string_view line) {
  if (!takes(line.size())) return false;
  if (line.starts_with("HTTP/")) {  // a new answer begins; what came before was an interim one
    response_.headers.clear();
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    response_.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return true;
}

bool CurlClient::Transfer::take_body(std::string_view piece) {
  if (!takes(piece.size())) return false;
  response_.body.append(piece);
  return true;
}

HttpResult CurlClient::Transfer::result() {
  if (!handle_) return TransportFailure{TransportKind::not_sent, "no connection became free in time"};
  if (!done_)
    return TransportFailure{sendings_ > 0 ? TransportKind::reset : TransportKind::not_sent,
                            "stopped before an answer came"};
  if (code_ == CURLE_OK) return answer();
  if (sendings_ > 1) return closed_unanswered("it was not sent again");
  // libcurl went for another connection to send it again on, and did not get one: its own words are about that.
  if (sendings_ == 1 && is_connect_error(code_)) return closed_unanswered("there was no other");
  if (too_large_) return too_large();
  const std::string_view text = handle_->error(code_);
  if (sendings_ == 0) {
    long proxy_status = 0;
    curl_easy_getinfo(handle_->get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    return TransportFailure{kind_before_sending(code_, proxy_status), std::string(text)};
  }
  const TransportKind kind = kind_after_sending(code_);
  if (kind == TransportKind::reset && used_before_ && size_ == 0) return closed_unanswered(text);
  return TransportFailure{kind, std::string(text)};
}

HttpResult CurlClient::Transfer::answer() {
  long status = 0;
  curl_easy_getinfo(handle_->get(), CURLINFO_RESPONSE_CODE, &status);
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
