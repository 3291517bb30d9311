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

Rejection elsewhere(std::string field, int right, int partition) {
  return {.field = std::move(field),
          .reason = "belongs to partition " + std::to_string(right) + ", not to " + std::to_string(partition)};
}

std::expected<IncomingEvent, Rejection> in_partition(CaseEvent report, int partition, int partitions) {
  const int right = partition_of(report.about.str(), partitions);
  if (right != partition) return std::unexpected(elsewhere("case", right, partition));
  return report;
}

std::expected<IncomingEvent, Rejection> in_partition(CreditEvent event, int partition, int partitions) {
  if (event.account.empty() || event.type == EventType::source_heartbeat) return event;
  const int right = partition_of(event.account.str(), partitions);
  if (right != partition) return std::unexpected(elsewhere("account", right, partition));
  return event;
}

}  // namespace

std::expected<IncomingEvent, Rejection> read_event(const StreamEntry& entry, const Seal& seal, int partition,
                                                   int partitions, const EventBounds& bounds) {
  if (entry.oversize > 0) return std::unexpected(too_large(entry));
  const auto here = [&](auto event) -> std::expected<IncomingEvent, Rejection> {
    if (!event) return std::unexpected(std::move(event.error()));
    return in_partition(*std::move(event), partition, partitions);
  };
  if (!Seal::is_internal(entry.fields)) return here(parse_event(entry.fields, bounds));
  // What is Dun's own is believed only with its signature: producers may write to the same streams.
  const auto opened = seal.open(entry.fields);
  if (!opened)
    return std::unexpected(Rejection{
        .field = "type", .reason = "only Dun itself writes events of this type, and it did not sign this one"});
  if (is_case_event(*opened)) return here(parse_case_event(*opened));
  return here(parse_event(*opened, bounds));
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
