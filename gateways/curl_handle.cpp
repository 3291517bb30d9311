#include "gateways/curl_handle.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <utility>

namespace dun::gateways {
namespace {

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  // What can fail here is memory or an option this libcurl was built without; neither can be worked around.
  DUN_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

}  // namespace

CurlHandle::CurlHandle(const TransportSpec& transport, CurlLoop& loop) : easy_(curl_easy_init()) {
  DUN_ASSERT(easy_ != nullptr);
  CURL* easy = easy_.get();
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_USERAGENT, "dun");
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(transport.connect_timeout.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transport.total_timeout.count()));
  set(easy, CURLOPT_MAXAGE_CONN, static_cast<long>(transport.idle_max.count()));
  set(easy, CURLOPT_PROXY, transport.proxy.c_str());
  set(easy, CURLOPT_SSL_VERIFYPEER, transport.tls_verify ? 1L : 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, transport.tls_verify ? 2L : 0L);
  if (!transport.tls_ca.empty()) set(easy, CURLOPT_CAINFO, transport.tls_ca.c_str());
  if (!transport.tls_certificate.empty()) set(easy, CURLOPT_SSLCERT, transport.tls_certificate.c_str());
  if (!transport.tls_key.empty()) set(easy, CURLOPT_SSLKEY, transport.tls_key.c_str());
  set(easy, CURLOPT_ERRORBUFFER, error_.data());
  set(easy, CURLOPT_PRIVATE, this);
  set(easy, CURLOPT_PREREQFUNCTION, &CurlHandle::before_request);
  set(easy, CURLOPT_PREREQDATA, this);
  set(easy, CURLOPT_HEADERFUNCTION, &CurlHandle::on_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &CurlHandle::on_body);
  set(easy, CURLOPT_WRITEDATA, this);
  loop.adopt(easy);
}

void CurlHandle::prepare(const HttpRequest& request, bool reuses, CurlExchange& exchange) {
  CURL* easy = easy_.get();
  exchange_ = &exchange;
  error_.front() = '\0';
  const bool sends_body = request.method != "GET";
  if (request.url != url_) {
    set(easy, CURLOPT_URL, request.url.c_str());
    url_ = request.url;
  }
  if (request.method != method_) {
    if (!sends_body) set(easy, CURLOPT_HTTPGET, 1L);
    set(easy, CURLOPT_CUSTOMREQUEST, sends_body ? request.method.c_str() : nullptr);
    method_ = request.method;
  }
  if (sends_body) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (std::exchange(fresh_, !reuses) == reuses) set(easy, CURLOPT_FRESH_CONNECT, reuses ? 0L : 1L);
  if (head_.reuses != reuses) set(easy, CURLOPT_FORBID_REUSE, reuses ? 0L : 1L);
  set_head({.headers = request.headers, .reuses = reuses, .empty_body = sends_body && request.body.empty()});
}

void CurlHandle::prepare_again() {
  error_.front() = '\0';
  fresh_ = true;
  set(easy_.get(), CURLOPT_FRESH_CONNECT, 1L);
}

void CurlHandle::set_head(Head head) {
  if (lines_ != nullptr && head == head_) return;
  head_ = std::move(head);
  lines_.reset();
  for (const auto& [name, value] : head_.headers) append(fmt::format("{}: {}", name, value));
  append("Expect:");  // no pause for "100 Continue" before a body
  if (!head_.reuses) append("Connection: close");
  if (head_.empty_body) append("Content-Type:");
  set(easy_.get(), CURLOPT_HTTPHEADER, lines_.get());
}

void CurlHandle::append(const std::string& line) {
  curl_slist* longer = curl_slist_append(lines_.get(), line.c_str());
  DUN_ASSERT(longer != nullptr);
  (void)lines_.release();
  lines_.reset(longer);
}

std::string_view CurlHandle::error(CURLcode code) const {
  return error_.front() != '\0' ? error_.data() : curl_easy_strerror(code);
}

CurlExchange& CurlHandle::exchange_of(CURL* easy) {
  CurlHandle* handle = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &handle);
  return *handle->exchange_;
}

int CurlHandle::before_request(void* self, char*, char*, int, int our_port) {
  return static_cast<CurlHandle*>(self)->exchange_->about_to_send(our_port) ? CURL_PREREQFUNC_OK
                                                                            : CURL_PREREQFUNC_ABORT;
}

std::size_t CurlHandle::on_header(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<CurlHandle*>(self)->exchange_->take_header({data, size}) ? size : 0;
}

std::size_t CurlHandle::on_body(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<CurlHandle*>(self)->exchange_->take_body({data, size}) ? size : 0;
}

}  // namespace dun::gateways
