// What a gateway answered.
#pragma once

#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <optional>
#include <string>
#include <variant>

namespace dun::scheduler {

/// What a gateway says of a submission (docs/states.md). What no rule matches is `SendUnknown`, never accepted.
///
/// The answer to a question is the answer that the submission did not get: accepted, surely not taken (`SendRetry`), or
/// still unknown. Where the gateway pauses instead of answering it, it is `SendThrottled` or `SendGatewayDown`.
///
/// `telling` is false of a result that says nothing about how the gateway is: the request was not sent after all, or
/// its connection was being closed, as servers do with idle ones.
struct SendAccepted {
  std::string gateway_id;
  int parts = 0;                         ///< as the gateway counted, 0 if it did not say
  std::optional<ReceiptStatus> receipt;  ///< of a question: what the gateway knows of the handset already
};
struct SendRejected {  ///< final, this notice alone
  std::string detail;
};
struct SendRetry {  ///< surely not taken, this notice alone
  std::string detail;
  std::optional<Millis> after;
  bool telling = true;
};
struct SendThrottled {  ///< surely not taken; the whole gateway pauses
  std::string detail;
  std::optional<Millis> after;
};
struct SendRecipientLimited {  ///< final for now: this recipient has had enough
  std::string detail;
};
struct SendGatewayDown {  ///< authentication, credit, operator stop, no connection: surely not taken, messages are kept
  std::string detail;
};
struct SendUnknown {  ///< handed over, or perhaps; no usable answer
  std::string detail;
  bool telling = true;
};
using SendResult = std::variant<SendAccepted, SendRejected, SendRetry, SendThrottled, SendRecipientLimited,
                                SendGatewayDown, SendUnknown>;

}  // namespace dun::scheduler
