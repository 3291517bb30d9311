// Any bytes as an event in JSON, flat or a CloudEvent: fields or a reason, and fields are what parse_event may be
// given.
#include "base/assert.hpp"
#include "operations/event_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dun;
  const auto fields = operations::parse_event_json({reinterpret_cast<const char*>(data), size});
  if (!fields) {
    DUN_ASSERT(!fields.error().empty());
    return 0;
  }
  const Instant latest = date::sys_days(date::year(2026) / date::February / 1);
  const auto event = parse_event(*fields, {.latest = latest});
  if (!event) DUN_ASSERT(!event.error().field.empty() && !event.error().reason.empty());
  return 0;
}
