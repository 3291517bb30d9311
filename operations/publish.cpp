#include "operations/publish.hpp"

#include "operations/event_json.hpp"

#include <fmt/format.h>

#include <utility>

namespace dun::operations {
namespace {

// What the service would refuse for its time is refused by the service: its clock and its bounds count, not ours. And
// which sign a debt has is in its policies.
constexpr date::days any_time{36'500};

}  // namespace

Awaitable<std::expected<void, Publication::CannotBegin>> Publication::begin() {
  if (!order_.resume) co_return std::expected<void, CannotBegin>();
  auto end = co_await streams_.numbered_end();
  if (!end) co_return std::unexpected(CannotBegin(std::move(end.error())));
  if (!end->number) co_return std::unexpected(CannotBegin(NotNumbered{.stream = end->stream, .last = end->last}));
  there_ = *std::move(end);
  co_return std::expected<void, CannotBegin>();
}

std::expected<Fields, std::string> Publication::read(std::string_view line) const {
  if (line.size() > line_most) return std::unexpected(fmt::format("longer than {} bytes", line_most));
  auto fields = parse_event_json(line);
  if (fields && fields->empty()) return std::unexpected<std::string>("holds no field");
  return fields;
}

std::optional<Publication::Remark> Publication::take(std::uint64_t number, std::string_view line, Instant now) {
  if (there_ && number <= *there_->number) return std::nullopt;
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return std::nullopt;
  const auto refuse = [this](std::string why) {
    ++counts_.refused;
    return Remark{.refused = true, .what = std::move(why)};
  };
  auto fields = read(line);
  if (!fields) return refuse(std::move(fields.error()));
  std::optional<Remark> warning;
  if (!order_.unchecked) {
    const auto event = parse_event(*fields, {.latest = now + any_time, .balance_means = {}});
    if (!event) return refuse(fmt::format("field {}: {}", event.error().field, event.error().reason));
    warning = warn(event->refused);
  }
  batch_.push_back({.number = number, .fields = *std::move(fields)});
  return warning;
}

std::optional<Publication::Remark> Publication::warn(const std::vector<RefusedField>& refused) {
  constexpr std::size_t sorts_most = 50;
  if (refused.empty()) return std::nullopt;
  ++counts_.partly;
  std::string sort;
  for (const RefusedField& each : refused) sort += each.field + '\n';
  if (warned_.size() >= sorts_most || !warned_.insert(std::move(sort)).second) return std::nullopt;
  return Remark{.refused = false, .what = describe_refused(refused)};
}

Awaitable<StoreResult<void>> Publication::put(std::vector<NumberedEvent> batch) {
  if (there_) co_return co_await streams_.publish_numbered(there_->connection, std::move(batch), order_.replicas);
  std::vector<Fields> events;
  for (NumberedEvent& event : batch) events.push_back(std::move(event.fields));
  co_return co_await streams_.publish(std::move(events), order_.direct, order_.replicas);
}

Awaitable<std::expected<std::size_t, Publication::Failure>> Publication::send() {
  const std::size_t count = batch_.size();
  auto sent = co_await put(std::exchange(batch_, {}));
  if (!sent) co_return std::unexpected(Failure{.why = std::move(sent.error()), .events = count});
  counts_.published += count;
  co_return count;
}

}  // namespace dun::operations
