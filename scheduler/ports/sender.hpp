#pragma once

#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/send_request.hpp"
#include "scheduler/ports/send_result.hpp"

namespace dun::scheduler {

class Sender {
 public:
  virtual ~Sender() = default;
  virtual Awaitable<SendResult> send(SendRequest request) = 0;
  /// Changes nothing at the gateway: may be asked any number of times.
  virtual Awaitable<SendResult> ask(StatusRequest request) = 0;
};

}  // namespace dun::scheduler
