// Any bytes as the fields of a stream entry: read or refused, and a refusal names one of the fields.
#include "domain/assert.hpp"
#include "domain/credit_event.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace dun;

/// One field a line, `name=value`.
Fields fields_of(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    fields.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Fields fields = fields_of({reinterpret_cast<const char*>(data), size});
  const Instant latest = date::sys_days(date::year(2026) / date::February / 1);
  const auto event = parse_event(fields, latest);
  if (!event) {
    DUN_ASSERT(!event.error().field.empty() && !event.error().reason.empty());
    return 0;
  }
  DUN_ASSERT(event->time <= latest);
  DUN_ASSERT(!event->id.empty() && event->id.str().size() <= 128);
  DUN_ASSERT(event->account.empty() ? event->type == EventType::source_heartbeat : is_account_id(event->account.str()));
  if (event->profile.msisdn) DUN_ASSERT(normalise_msisdn(*event->profile.msisdn) == *event->profile.msisdn);
  // Nothing that a reader could tell apart changes with the order in which fields come.
  const auto again = parse_event(Fields(fields.rbegin(), fields.rend()), latest);
  DUN_ASSERT(again && again->content_hash == event->content_hash);
  return 0;
}
