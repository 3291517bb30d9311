#include "tools/receipts.hpp"

#include "domain/ids.hpp"

#include <spdlog/spdlog.h>

#include <memory>

namespace dun::tools {
namespace {

using console::HttpQuery;
using console::HttpReply;

struct ReceiptRoute {
  gateways::GatewaySpec gateway;
  const scheduler::Clock& clock;
  Publisher publish;
  gateways::UnheardWords unheard;
};

gateways::ReceiptRequest to_receipt_request(HttpQuery query) {
  return {.method = std::move(query.method),
          .path = std::move(query.path),
          .query = std::move(query.query),
          .headers = std::move(query.headers),
          .body = std::move(query.body),
          .source = std::move(query.source)};
}

std::vector<Fields> to_events(ReceiptRoute& route, const gateways::ReceiptBatch& batch) {
  const std::string& name = route.gateway.name;
  std::vector<Fields> events;
  for (const gateways::Receipt& receipt : batch.receipts) {
    if (!receipt.unheard.empty() && route.unheard.add(receipt.unheard))
      spdlog::warn("receipt gateway={} status \"{}\" is not in [gateways.{}.receipts.status_map]: taken as {}", name,
                   receipt.unheard, name, to_text(receipt.status));
    if (auto event = receipt_event(name, receipt, route.clock.now()))
      events.push_back(*std::move(event));
    else
      spdlog::warn("receipt gateway={} ignored: \"{}\" is none of our references", name, receipt.client_ref);
  }
  for (const std::string& problem : batch.problems) spdlog::warn("receipt gateway={} ignored: {}", name, problem);
  return events;
}

async::Awaitable<HttpReply> take(std::shared_ptr<ReceiptRoute> route, HttpQuery query) {
  const gateways::ReceiptsSpec& spec = route->gateway.receipts;
  if (!gateways::takes_receipts_at(spec, query.path))
    co_return HttpReply{.status = 404, .body = "there is nothing at this path\n"};
  const auto batch = gateways::read_receipts(route->gateway, to_receipt_request(std::move(query)));
  if (!batch) {
    spdlog::warn("receipt gateway={} refused: {}", route->gateway.name, batch.error().message);
    co_return HttpReply{.status = batch.error().status, .body = batch.error().message + "\n"};
  }
  std::vector<Fields> events = to_events(*route, *batch);
  if (!events.empty()) {
    const bool published = co_await route->publish(std::move(events));
    if (!published) co_return HttpReply{.status = 503, .body = "not stored; send it again\n"};
  }
  co_return HttpReply{
      .status = spec.acknowledge_status, .content_type = spec.acknowledge_type, .body = spec.acknowledge_body};
}

}  // namespace

std::optional<Fields> receipt_event(const std::string& gateway, const gateways::Receipt& receipt, Instant now) {
  const std::size_t mark = receipt.client_ref.rfind('~');
  if (mark == std::string::npos || !is_account_id(receipt.client_ref.substr(0, mark))) return std::nullopt;
  const std::string_view status = to_text(receipt.status);
  const std::string id = base32(IdBuilder().add(gateway).add(receipt.client_ref).add(status).hash());
  Fields fields = {{"id", "receipt~" + id},
                   {"type", std::string(to_text(EventType::receipt))},
                   {"account", receipt.client_ref.substr(0, mark)},
                   {"time", to_rfc3339(gateways::became_true(receipt, now))},
                   {"notice", receipt.client_ref},
                   {"status", std::string(status)},
                   {"gateway", gateway}};
  if (!receipt.gateway_id.empty()) fields.emplace_back("gateway_id", receipt.gateway_id);
  if (!receipt.detail.empty()) fields.emplace_back("detail", receipt.detail);
  return fields;
}

void add_receipt_routes(console::Router& router, const std::vector<gateways::GatewaySpec>& gateways,
                        const scheduler::Clock& clock, Publisher publish) {
  for (const gateways::GatewaySpec& gateway : gateways) {
    if (gateway.receipts.path.empty()) continue;
    const auto route =
        std::make_shared<ReceiptRoute>(ReceiptRoute{.gateway = gateway, .clock = clock, .publish = publish});
    router.add(gateway.receipts.path, [route](HttpQuery query) { return take(route, std::move(query)); });
  }
}

}  // namespace dun::tools
