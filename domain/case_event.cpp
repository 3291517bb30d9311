#include "domain/case_event.hpp"

#include <charconv>

namespace dun {
namespace {

// Fast clocks make spans of hours long; nothing that is said counts for longer.
constexpr Millis longest = date::days(3660);

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

bool is_case_event(const Fields& fields) {
  return field_value(fields, "type") == case_event_type;
}

EventId case_event_id(const CaseEvent& event) {
  return EventId(event.witness + "/" + event.run + "/" + std::to_string(event.number));
}

Fields to_fields(const CaseEvent& event) {
  Fields fields = {{"type", std::string(case_event_type)},  {"case", event.about.str()}, {"id", event.id.str()},
                   {"time", to_rfc3339(event.time)},        {"witness", event.witness},  {"run", event.run},
                   {"number", std::to_string(event.number)}};
  const auto add = [&](std::string name, const std::string& value) {
    if (!value.empty()) fields.emplace_back(std::move(name), value);
  };
  if (event.counts_for) add("counts_for_ms", std::to_string(event.counts_for->count()));
  add("name", event.name);
  add("subject", event.subject);
  add("gateway", event.gateway);
  add("detail", event.detail);
  return fields;
}

std::expected<CaseEvent, Rejection> parse_case_event(const Fields& fields) {
  const auto text = [&](std::string_view name) { return std::string(field_value(fields, name)); };
  const auto wrong = [](std::string field, std::string reason) {
    return std::unexpected(Rejection{.field = std::move(field), .reason = std::move(reason)});
  };
  CaseEvent event{.about = CaseId(text("case")),
                  .id = EventId(text("id")),
                  .witness = text("witness"),
                  .run = text("run"),
                  .name = text("name"),
                  .subject = text("subject"),
                  .gateway = text("gateway"),
                  .detail = text("detail")};
  const auto time = parse_rfc3339(text("time"));
  if (!time) return wrong("time", "not an instant as RFC 3339 has it");
  event.time = *time;
  const auto number = number_of(text("number"));
  if (!number) return wrong("number", "not a whole number");
  event.number = *number;
  if (const std::string_view span = field_value(fields, "counts_for_ms"); !span.empty()) {
    const auto count = number_of(span);
    if (!count || *count > static_cast<std::uint64_t>(longest.count()))
      return wrong("counts_for_ms", "is no such span");
    event.counts_for = Millis(static_cast<Millis::rep>(*count));
  }
  if (event.about != alert_case(event.name, event.subject))
    return wrong("case", "is not the case of its name and subject");
  if (event.witness.empty()) return wrong("witness", "names nobody");
  return event;
}

}  // namespace dun
