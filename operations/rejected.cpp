#include "operations/rejected.hpp"

#include "base/json/as_string.hpp"
#include "base/text/visible.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace dun::operations {
namespace {

constexpr std::size_t page_most = 256;

/// A JSON string that a terminal is safe from, whatever the bytes are; those that are not UTF-8 show as U+FFFD.
std::string json_string(std::string_view bytes) {
  return to_visible_json(json::as_string(bytes));
}

std::string to_text(scheduler::StreamId id) {
  return fmt::format("{}-{}", id.ms, id.seq);
}

}  // namespace

std::string to_text(const RejectedId& id) {
  return fmt::format("{}:{}", id.partition, to_text(id.id));
}

Awaitable<StoreResult<std::optional<std::vector<RejectedItem>>>> RejectedList::next() {
  if (enough_ || partition_ >= streams_.partitions()) co_return std::optional<std::vector<RejectedItem>>();
  auto items = co_await streams_.list(partition_, after_, page_most);
  if (!items) co_return std::unexpected(items.error());
  if (items->size() < page_most) {
    ++partition_;
    after_ = {};
  } else {
    after_ = items->back().id.id;
  }
  if (!asked_.field.empty())
    std::erase_if(*items, [this](const RejectedItem& item) { return item.entry.field != asked_.field; });
  if (asked_.limit > 0 && items->size() >= asked_.limit - found_) {
    items->erase(items->begin() + static_cast<std::ptrdiff_t>(asked_.limit - found_), items->end());
    enough_ = true;
  }
  found_ += items->size();
  co_return std::optional(*std::move(items));
}

std::string original_as_json(const RejectedItem& item) {
  std::string text;
  for (const auto& [name, value] : item.entry.original.fields)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", json_string(name), json_string(value));
  return "{" + text + "}";
}

std::string to_json_text(const RejectedItem& item) {
  const scheduler::RejectedEntry& entry = item.entry;
  return fmt::format(R"({{"id":"{}","partition":{},"stream_id":"{}","at":"{}","field":{},"detail":{},"original":{}}})",
                     to_text(item.id), item.id.partition, to_text(entry.original.id), to_rfc3339(entry.at),
                     json_string(entry.field), json_string(entry.reason), original_as_json(item));
}

void RejectedSummary::add(const RejectedItem& item) {
  Group& group = groups_[item.entry.field];
  if (group.count++ == 0) group.first = group.last = item.entry.at;
  group.first = std::min(group.first, item.entry.at);
  if (item.entry.at < group.last) return;
  group.last = item.entry.at;
  group.example_id = to_text(item.id);
  group.example_detail = item.entry.reason;
}

std::string to_json_text(const std::string& field, const RejectedSummary::Group& group) {
  const nlohmann::ordered_json json{{"field", field},
                                    {"count", group.count},
                                    {"first", to_rfc3339(group.first)},
                                    {"last", to_rfc3339(group.last)},
                                    {"id", group.example_id},
                                    {"detail", group.example_detail}};
  return to_visible_json(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

Awaitable<StoreResult<Requeued>> requeue(RejectedStreams& streams, RequeueOrder order) {
  if (order.all) {
    RejectedList list(streams, {.field = order.field});
    for (;;) {
      const auto page = co_await list.next();
      if (!page) co_return std::unexpected(page.error());
      const std::optional<std::vector<RejectedItem>>& items = *page;
      if (!items) break;
      for (const RejectedItem& item : *items) order.ids.push_back(item.id);
    }
  }
  Requeued requeued;
  for (const RejectedId& id : order.ids) {
    auto done = co_await streams.requeue(id);
    if (!done) {
      requeued.failure = {.id = id, .why = std::move(done.error())};
      break;
    }
    if (*done)
      ++requeued.events;
    else
      requeued.missing.push_back(id);
  }
  co_return requeued;
}

}  // namespace dun::operations
