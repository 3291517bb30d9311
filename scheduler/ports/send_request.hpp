// What a gateway is to be told or asked.
#pragma once

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <string>
#include <variant>

namespace dun::scheduler {

/// One attempt at one notice.
struct SendRequest {
  std::string gateway;
  NoticeId notice;
  std::string client_ref;
  std::string to, text;
  Encoding encoding = Encoding::gsm7;
  int parts = 1;
  int attempt = 1;
  Millis validity{0};  ///< how long the gateway may keep trying to deliver; 0: no bound
};

/// A question about an earlier attempt whose answer stayed unknown: what does the gateway know of it?
struct StatusRequest {
  std::string gateway;
  NoticeId notice;
  std::string client_ref;
  std::string to;
  Instant submitted_at{};  ///< when the attempt was claimed
};

using GatewayRequest = std::variant<SendRequest, StatusRequest>;

}  // namespace dun::scheduler
