#include "operations/receipts.hpp"

#include "base/text/visible.hpp"
#include "domain/ids.hpp"
#include "gateways/options.hpp"
#include "scheduler/flow/token_bucket.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace dun::operations {
namespace {

using scheduler::Seal;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::minutes say_again_after{1};

Millis real_time() {
  return std::chrono::duration_cast<Millis>(Steady::now().time_since_epoch());
}

/// Says what went wrong once, and then now and then how often: a flood must not become one of log lines.
class Complaints {
 public:
  explicit Complaints(std::string gateway) : gateway_(std::move(gateway)) {}

  void add(std::string_view what) {
    ++unsaid_;
    const auto now = Steady::now();
    if (said_at_ && now < *said_at_ + say_again_after) return;
    spdlog::warn("receipts refused or ignored gateway={} times={} last=\"{}\"", gateway_, unsaid_, what);
    said_at_ = now;
    unsaid_ = 0;
  }

 private:
  std::string gateway_;
  std::optional<Steady::time_point> said_at_;
  std::uint64_t unsaid_ = 0;
};

/// One gateway's path. Used by the listener's thread alone, but for the counts.
class ReceiptEndpoint {
 public:
  ReceiptEndpoint(std::shared_ptr<const ReceiptGateways> gateways, ReceiptGateways::Spec gateway,
                  const scheduler::Clock& clock, Seal seal, Publisher publish)
      : gateways_(std::move(gateways)),
        gateway_(std::move(gateway)),
        clock_(clock),
        seal_(std::move(seal)),
        publish_(std::move(publish)),
        complaints_(gateway_->name),
        bucket_(full_bucket(gateway_->receipts)),
        counts_(std::make_shared<ReceiptCounts>(gateway_->receipts.path)) {}

  [[nodiscard]] std::shared_ptr<const ReceiptCounts> counts() const { return counts_; }

  /// `self` keeps the route alive while a request is answered.
  static async::Awaitable<http::Reply> take(std::shared_ptr<ReceiptEndpoint> self, http::Request request) {
    const ReceiptGateways::Spec gateway = self->look();
    const gateways::ReceiptsSpec& spec = gateway->receipts;
    if (!gateways::takes_receipts_at(spec, request.path))
      co_return http::Reply{.status = 404, .body = "there is nothing at this path\n"};
    const auto batch = gateways::read_receipts(*gateway, request);
    if (!batch) co_return self->refuse(batch.error());
    Sorted sorted = self->sort(*gateway, *batch);
    const std::size_t ours = sorted.events.size();
    if (ours == 0 && sorted.forged > 0)
      co_return http::Reply{.status = 403, .body = "the reference is none that was given out here\n"};
    if (ours > 0 && !self->may_take(ours)) co_return self->later(ours, "too many receipts at once; send it again\n");
    if (ours > 0) {
      const bool published = co_await self->publish_(std::move(sorted.events));
      if (!published) co_return self->later(ours, "not stored; send it again\n");
      self->counts_->taken += ours;
    }
    // Whoever tries the URL without a receipt is told that it is the right one, in the plainest way there is.
    const bool trial = batch->receipts.empty() && batch->problems.empty();
    co_return http::Reply{.status = trial ? 200 : spec.acknowledge_status,
                          .content_type = spec.acknowledge_type,
                          .body = spec.acknowledge_body};
  }

 private:
  struct Sorted {
    std::vector<Fields> events;
    std::size_t forged = 0;
  };

  http::Reply refuse(const gateways::ReceiptRefusal& refusal) {
    ++counts_->refused;
    complaints_.add(refusal.message);
    return http::Reply{.status = refusal.status, .body = refusal.message + "\n"};
  }

  http::Reply later(std::size_t receipts, std::string why) {
    counts_->delayed += receipts;
    return http::Reply{.status = 503, .body = std::move(why), .headers = {{"Retry-After", "1"}}};
  }

  static scheduler::flow::TokenBucket full_bucket(const gateways::ReceiptsSpec& spec) {
    const auto rate = static_cast<double>(spec.rate);
    return {rate, rate, real_time() - Millis(1000)};
  }

  /// As it is now; with another rate it begins anew.
  ReceiptGateways::Spec look() {
    auto now = gateways_->of(gateway_->name);
    if (now->receipts.rate != gateway_->receipts.rate) bucket_ = full_bucket(now->receipts);
    gateway_ = now;
    return now;
  }

  Sorted sort(const gateways::GatewaySpec& gateway, const gateways::ReceiptBatch& batch) {
    Sorted sorted;
    for (const gateways::Receipt& receipt : batch.receipts) {
      if (!receipt.unheard.empty() && unheard_.add(receipt.unheard))
        spdlog::warn("receipt gateway={} status \"{}\" is not in [gateways.{}.receipts.status_map]: taken as {}",
                     gateway.name, to_visible(receipt.unheard), gateway.name, to_text(receipt.status));
      const auto named = seal_.read(receipt.client_ref);
      if (named && (named->sealed || gateways::is_protected(gateway.receipts))) {
        sorted.events.push_back(receipt_event(gateway.name, receipt, *named, seal_, clock_.now()));
      } else if (!named && named.error() == Seal::Foreign::not_ours) {
        ++counts_->foreign;
        complaints_.add(receipt.client_ref + " is none of our references");
      } else {
        ++sorted.forged;
        ++counts_->forged;
        complaints_.add(receipt.client_ref + " was not given out here");
      }
    }
    for (const std::string& problem : batch.problems) {
      ++counts_->refused;
      complaints_.add(problem);
    }
    return sorted;
  }

  bool may_take(std::size_t receipts) {
    bucket_.refill(real_time(), 1);
    const int count = static_cast<int>(receipts);
    if (!bucket_.covers(count)) return false;
    bucket_.take(count);
    return true;
  }

  std::shared_ptr<const ReceiptGateways> gateways_;
  ReceiptGateways::Spec gateway_;  ///< as it was when it was last looked at
  const scheduler::Clock& clock_;
  gateways::UnheardWords unheard_;
  Seal seal_;
  Publisher publish_;
  Complaints complaints_;
  scheduler::flow::TokenBucket bucket_;
  std::shared_ptr<ReceiptCounts> counts_;
};

}  // namespace

Fields receipt_event(const std::string& gateway, const gateways::Receipt& receipt, const Seal::Reference& named,
                     const Seal& seal, Instant now) {
  const std::string_view status = to_text(receipt.status);
  const std::string& notice = named.notice.str();
  const std::string id = base32(IdBuilder().add(gateway).add(notice).add(status).hash());
  Fields fields = {{"id", "receipt~" + id},
                   {"type", std::string(to_text(EventType::receipt))},
                   {"account", named.account.str()},
                   {"time", to_rfc3339(gateways::became_true(receipt, now))},
                   {"notice", notice},
                   {"status", std::string(status)},
                   {"gateway", gateway}};
  if (!receipt.gateway_id.empty()) fields.emplace_back("gateway_id", receipt.gateway_id);
  if (!receipt.detail.empty()) fields.emplace_back("detail", receipt.detail);
  seal.sign(fields);
  return fields;
}

void ReceiptGateways::exchange(const std::vector<gateways::GatewaySpec>& gateways) {
  std::map<std::string, Spec> specs;
  for (const gateways::GatewaySpec& gateway : gateways)
    specs.emplace(gateway.name, std::make_shared<const gateways::GatewaySpec>(gateway));
  const std::scoped_lock lock(mutex_);
  specs_ = std::move(specs);
}

std::vector<ReceiptGateways::Spec> ReceiptGateways::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Spec> all;
  for (const auto& [name, spec] : specs_) all.push_back(spec);
  return all;
}

ReceiptGateways::Spec ReceiptGateways::of(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return specs_.at(name);
}

ReceiptCountsOf add_receipt_endpoints(http::Endpoints& endpoints,
                                      const std::shared_ptr<const ReceiptGateways>& gateways,
                                      const scheduler::Clock& clock, const Seal& seal, Publisher publish) {
  ReceiptCountsOf counts;
  for (const ReceiptGateways::Spec& gateway : gateways->all()) {
    if (gateway->receipts.path.empty()) continue;
    const auto route = std::make_shared<ReceiptEndpoint>(gateways, gateway, clock, seal, publish);
    counts.emplace(gateway->name, route->counts());
    endpoints.add(gateway->receipts.path,
                  [route](http::Request request) { return ReceiptEndpoint::take(route, std::move(request)); });
  }
  return counts;
}

}  // namespace dun::operations
