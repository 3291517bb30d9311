// Delivery receipts on their way: from the gateway's HTTP request to an event on the stream of the account's partition.
#pragma once

#include "base/async/task_group.hpp"
#include "base/http/endpoints.hpp"
#include "domain/credit_event.hpp"
#include "gateways/receipts.hpp"
#include "gateways/spec.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/seal.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dun::operations {

/// Puts events on their accounts' streams; true when all of them are there.
using Publisher = std::function<async::Awaitable<bool>(std::vector<Fields> events)>;

/// What came to one gateway's path since the process began. Written by the listener's thread, read by any.
struct ReceiptCounts {
  explicit ReceiptCounts(std::string at) : path(std::move(at)) {}
  const std::string path;              ///< as configured, without its token
  std::atomic<std::uint64_t> taken;    ///< receipts that were published
  std::atomic<std::uint64_t> forged;   ///< with a reference that we did not make
  std::atomic<std::uint64_t> foreign;  ///< with a reference of another form than ours
  std::atomic<std::uint64_t> refused;  ///< requests that proved or said nothing usable, and entries of batches
  std::atomic<std::uint64_t>
      delayed;  ///< receipts beyond the path's rate, or that could not be stored: they come again
};
/// By gateway.
using ReceiptCountsOf = std::map<std::string, std::shared_ptr<const ReceiptCounts>>;

/// The gateways as their receipts are to be taken now. Any thread may ask and exchange.
class ReceiptGateways {
 public:
  using Spec = std::shared_ptr<const gateways::GatewaySpec>;
  explicit ReceiptGateways(const std::vector<gateways::GatewaySpec>& gateways) { exchange(gateways); }

  /// The same names and paths again; what is being taken ends by the former ones.
  void exchange(const std::vector<gateways::GatewaySpec>& gateways);
  [[nodiscard]] std::vector<Spec> all() const;
  [[nodiscard]] Spec of(const std::string& name) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Spec> specs_;
};

/// A route for each gateway that sends receipts. A receipt is acknowledged when it has been published and not before:
/// until then the gateway is answered with 503 and sends it again.
///
/// What is not ours goes no further than here. A reference that looks like ours and was not made by this installation
/// is refused with 403; one of another form is somebody else's message: counted and acknowledged, or the gateway would
/// repeat it for ever. A reference without a tag, from before there were any, is believed only where the path is
/// protected by a token, sources or a signature.
///
/// `clock` must outlive the handler of `endpoints`.
ReceiptCountsOf add_receipt_endpoints(http::Endpoints& endpoints,
                                      const std::shared_ptr<const ReceiptGateways>& gateways,
                                      const scheduler::Clock& clock, const scheduler::Seal& seal, Publisher publish);

/// The event `dun.receipt`, signed. Its id is derived from gateway, notice and status, so that a receipt that is sent
/// again is the same event.
[[nodiscard]] Fields receipt_event(const std::string& gateway, const gateways::Receipt& receipt,
                                   const scheduler::Seal::Reference& named, const scheduler::Seal& seal, Instant now);

}  // namespace dun::operations
