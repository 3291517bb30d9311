// Any bytes as the fields of a stream entry: read or refused, and a refusal names one of the fields. What is read is
// sound, whatever was left out of it.
#include "base/assert.hpp"
#include "base/text/utf8.hpp"
#include "domain/credit_event.hpp"

#include <algorithm>
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

bool is_clean(std::string_view text) {
  while (!text.empty()) {
    const auto character = take_character(text);
    if (!character || is_control(*character)) return false;
  }
  return true;
}

void check_texts(const CreditEvent& event) {
  for (const std::string* text : {&event.source, &event.order, &event.product, &event.topic, &event.notice,
                                  &event.gateway, &event.gateway_id, &event.detail})
    DUN_ASSERT(is_clean(*text));
  const ProfilePatch& profile = event.profile;
  for (const auto* text : {&profile.zone, &profile.lang, &profile.brand, &profile.segment, &profile.manager,
                           &profile.email, &profile.channels})
    DUN_ASSERT(!*text || is_clean(**text));
  if (profile.msisdn) DUN_ASSERT(normalise_msisdn(*profile.msisdn) == *profile.msisdn);
  DUN_ASSERT(is_clean(describe_refused(event.refused)) && describe_refused(event.refused).size() < 5000);
}

void check_money(const CreditEvent& event) {
  DUN_ASSERT(event.currency.empty() || is_known_currency(event.currency));
  if (event.amount && fields_used(event.type).starts_with("amount")) DUN_ASSERT(!event.amount->negative());
  if (event.type == EventType::credit_changed && event.state == CreditState::arrears && event.balance)
    DUN_ASSERT(truncated_to_unit(*event.balance, event.currency).negative());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Fields fields = fields_of({reinterpret_cast<const char*>(data), size});
  const Instant now = date::sys_days(date::year(2026) / date::February / 1);
  const EventBounds bounds{
      .now = now, .latest = now, .earliest = now - date::days(1830), .plausible = date::days(3660)};
  const auto event = parse_event(fields, bounds);
  const auto turned = parse_event(Fields(fields.rbegin(), fields.rend()), bounds);
  if (!event) {
    DUN_ASSERT(!event.error().field.empty() && !event.error().reason.empty());
    DUN_ASSERT(!turned && turned.error().field == event.error().field);
    return 0;
  }
  DUN_ASSERT(event->time <= bounds.latest && event->time >= bounds.earliest);
  for (const auto& instant : {event->due_at, event->suspend_at, event->exhausts_at, event->charge_at, event->until})
    DUN_ASSERT(!instant || std::chrono::abs(*instant - now) <= bounds.plausible);
  DUN_ASSERT(!event->id.empty() && event->id.str().size() <= 128);
  DUN_ASSERT(event->account.empty() ? event->type == EventType::source_heartbeat : is_account_id(event->account.str()));
  // Whoever routes by a field routes by what is read.
  if (!event->account.empty()) DUN_ASSERT(field_value(fields, "account") == event->account.str());
  check_texts(*event);
  check_money(*event);
  // Nothing that a reader could tell apart changes with the order in which fields come.
  DUN_ASSERT(turned && turned->content_hash == event->content_hash && turned->identity == event->identity);
  DUN_ASSERT(turned->refused.size() == event->refused.size() && turned->amount == event->amount);
  return 0;
}
