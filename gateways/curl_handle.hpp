// An easy handle of libcurl, and what is set in it: only what differs from the request before is set anew.
#pragma once

#include "gateways/curl_loop.hpp"
#include "gateways/http.hpp"
#include "gateways/spec.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace dun::gateways {

/// Where a transfer is told of its request and its answer, piece by piece.
class CurlExchange {
 public:
  virtual ~CurlExchange() = default;
  /// The request is about to leave from this port of ours. False: it must not.
  virtual bool about_to_send(int our_port) = 0;
  /// One line of the answer's head, or a piece of its body. False: that is too much.
  virtual bool take_header(std::string_view line) = 0;
  virtual bool take_body(std::string_view piece) = 0;
  virtual void complete(CURLcode code) = 0;
};

class CurlHandle {
 public:
  /// Everything that is the same for every request to the gateway. `loop` outlives it.
  CurlHandle(const TransportSpec& transport, CurlLoop& loop);
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  /// For this request, which lives until the transfer is over, as does `exchange`. `reuses`: an open connection will
  /// do.
  void prepare(const HttpRequest& request, bool reuses, CurlExchange& exchange);
  /// The same once more, on a connection of its own.
  void prepare_again();
  /// The transfer is over.
  void release() { exchange_ = nullptr; }

  [[nodiscard]] CURL* get() const { return easy_.get(); }
  /// What libcurl said of a failure, or its general word for it.
  [[nodiscard]] std::string_view error(CURLcode code) const;
  /// Whom a handle that the loop names belongs to.
  [[nodiscard]] static CurlExchange& exchange_of(CURL* easy);

 private:
  struct EasyCleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct ListCleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  /// What the list of header lines was made of.
  struct Head {
    NameValues headers;
    bool reuses = true;
    bool empty_body = false;
    friend bool operator==(const Head&, const Head&) = default;
  };
  void set_head(Head head);
  void append(const std::string& line);

  static int before_request(void* self, char*, char*, int, int our_port);
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);

  std::unique_ptr<CURL, EasyCleanup> easy_;
  std::unique_ptr<curl_slist, ListCleanup> lines_;
  Head head_;
  std::string url_, method_;
  bool fresh_ = false;  ///< CURLOPT_FRESH_CONNECT
  std::array<char, CURL_ERROR_SIZE> error_{};
  CurlExchange* exchange_ = nullptr;
};

}  // namespace dun::gateways
