// Any bytes as a gateway's answer, to a submission and to a question: some result, never accepted outside of 2xx, and
// nothing in it that must not be shown.
#include "base/assert.hpp"
#include "base/text/trim.hpp"
#include "base/text/utf8.hpp"
#include "gateways/codec.hpp"
#include "gateways/response_rules.hpp"
#include "tests/fuzz/gateways.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace dun;

void check_shown(const std::string& text) {
  DUN_ASSERT(text.size() <= 256);
  DUN_ASSERT(is_utf8(text));
  DUN_ASSERT(text.find("s3cret") == std::string::npos);
  for (const char c : text) DUN_ASSERT(static_cast<unsigned char>(c) >= 0x20);
}

struct Checked {
  int status;
  void operator()(const scheduler::SendAccepted& accepted) const {
    DUN_ASSERT(status >= 200 && status <= 299);
    DUN_ASSERT(accepted.gateway_id.size() <= 128 && is_utf8(accepted.gateway_id));
    DUN_ASSERT(accepted.parts >= 0 && accepted.parts <= 255);
  }
  void operator()(const scheduler::SendRetry& retry) const { check(retry.detail, retry.after); }
  void operator()(const scheduler::SendThrottled& throttled) const { check(throttled.detail, throttled.after); }
  void operator()(const auto& other) const { check_shown(other.detail); }

 private:
  static void check(const std::string& detail, const std::optional<Millis>& after) {
    check_shown(detail);
    DUN_ASSERT(!after || (*after >= Millis(0) && *after <= std::chrono::hours(24)));
  }
};

/// `NAME: VALUE` lines up to an empty one, and the body.
gateways::HttpResponse response_of(std::string_view bytes) {
  static constexpr int statuses[] = {200, 202, 204, 302, 400, 401, 403, 404, 413, 422, 429, 500, 503, 599};
  gateways::HttpResponse response;
  if (bytes.empty()) return response;
  response.status = statuses[static_cast<unsigned char>(bytes.front()) % std::size(statuses)];
  bytes.remove_prefix(1);
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) break;
    response.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  response.body = bytes;
  return response;
}

/// What does not speak of our message never says that it was not taken.
void check_status(const gateways::GatewaySpec& gateway, const gateways::HttpResponse& response, Instant now) {
  const scheduler::SendResult result = gateways::status_result_of(gateway, "a~1", response, now);
  if (const auto* accepted = std::get_if<scheduler::SendAccepted>(&result)) return Checked{200}(*accepted);
  DUN_ASSERT(!response.body.empty() || !std::holds_alternative<scheduler::SendRetry>(result));
  DUN_ASSERT(!std::holds_alternative<scheduler::SendRejected>(result));
  std::visit(Checked{response.status}, result);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const gateways::HttpResponse response = response_of({reinterpret_cast<const char*>(data), size});
  const Instant now = date::sys_days(date::year(2026) / date::January / 31);
  for (const gateways::GatewaySpec& gateway : test::fuzzed_gateways()) {
    std::visit(Checked{response.status}, gateways::result_of(gateway, response, now));
    if (gateway.status.configured()) check_status(gateway, response, now);
  }
  return 0;
}
