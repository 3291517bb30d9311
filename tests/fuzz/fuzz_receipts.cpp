// Any bytes as a delivery receipt: refused with a reason, or read into events that the engine understands.
#include "base/assert.hpp"
#include "gateways/codec.hpp"
#include "gateways/receipts.hpp"
#include "operations/receipts.hpp"
#include "tests/fuzz/gateways.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace dun;

void check(const gateways::GatewaySpec& gateway, const gateways::Receipt& receipt) {
  DUN_ASSERT(!receipt.client_ref.empty());
  DUN_ASSERT(receipt.detail.find("s3cret") == std::string::npos);
  const Instant now = date::sys_days(date::year(2026) / date::January / 31);
  const scheduler::Seal seal;
  auto named = seal.read(receipt.client_ref);
  if (!named) {
    // Nobody who lacks the key makes one that is ours; but what follows must hold for those that are.
    named = seal.read(seal.reference(NoticeId("acct~" + base32(hash128(receipt.client_ref)))));
    if (!named) return;
  }
  const auto fields = operations::receipt_event(gateway.name, receipt, *named, seal, now);
  const auto opened = seal.open(fields);
  DUN_ASSERT(opened);
  const auto event = parse_event(*opened, {.latest = now});
  DUN_ASSERT(event && event->notice == named->notice.str() && event->receipt == receipt.status);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const gateways::GatewaySpec& gateway : test::fuzzed_gateways()) {
    const std::string& method = gateway.receipts.methods.front();
    const http::Request request{.method = method,
                                .path = gateway.receipts.path,
                                .query = method == "GET" ? text : "",
                                .headers = {},
                                .body = method == "GET" ? "" : text,
                                .source = "127.0.0.1"};
    const auto batch = gateways::read_receipts(gateway, request);
    if (!batch) {
      DUN_ASSERT(batch.error().status >= 400 && !batch.error().message.empty());
      continue;
    }
    for (const gateways::Receipt& receipt : batch->receipts) check(gateway, receipt);
    for (const std::string& problem : batch->problems) DUN_ASSERT(!problem.empty());
  }
  return 0;
}
