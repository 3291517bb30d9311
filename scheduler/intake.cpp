#include "scheduler/intake.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

/// What is cut is told by what is left of it; the largest field is the one to name.
Rejection too_large(const StreamEntry& entry) {
  const auto largest =
      std::ranges::max_element(entry.fields, {}, [](const Field& field) { return field.second.size(); });
  return {.field = largest == entry.fields.end() ? "" : largest->first,
          .reason = "the entry is too large for an event: " + std::to_string(entry.oversize) +
                    " bytes. Its beginning is kept here; it is to be published again, smaller, by its producer"};
}

/// What is Dun's own is believed only with its signature: producers may write to the same streams.
std::expected<CreditEvent, Rejection> parse(const Fields& fields, const Seal& seal, const EventBounds& bounds) {
  if (!Seal::is_internal(fields)) return parse_event(fields, bounds);
  const auto opened = seal.open(fields);
  if (opened) return parse_event(*opened, bounds);
  return std::unexpected(
      Rejection{.field = "type", .reason = "only Dun itself writes events of this type, and it did not sign this one"});
}

}  // namespace

std::expected<CreditEvent, Rejection> read_event(const StreamEntry& entry, const Seal& seal, int partition,
                                                 int partitions, const EventBounds& bounds) {
  if (entry.oversize > 0) return std::unexpected(too_large(entry));
  auto event = parse(entry.fields, seal, bounds);
  if (!event || event->account.empty() || event->type == EventType::source_heartbeat) return event;
  const int right = partition_of(event->account.str(), partitions);
  if (right == partition) return event;
  return std::unexpected(
      Rejection{.field = "account",
                .reason = "belongs to partition " + std::to_string(right) + ", not to " + std::to_string(partition)});
}

Outcome rejected_outcome(const StreamEntry& entry, const Rejection& why, Instant now) {
  Outcome outcome{.at = now, .type = OutcomeType::event_rejected, .detail = why.reason, .field = why.field};
  const std::string_view account = field_value(entry.fields, "account");
  const std::string_view id = field_value(entry.fields, "id");
  if (is_account_id(account)) outcome.account = AccountId(std::string(account));
  if (id.size() <= 128) outcome.cause = EventId(std::string(id));
  return outcome;
}

}  // namespace dun::scheduler
