#include "base/async/deadline.hpp"
#include "redis/codec.hpp"
#include "redis/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dun::redis {

JournalView::JournalView(Links& links, Keyspace keys, int partitions, JournalQuery query)
    : links_(links), query_(std::move(query)) {
  const auto add = [&](int partition) { sources_.push_back({.key = keys.partition(partition).journal()}); };
  if (query_.account)
    add(partition_of(query_.account->str(), partitions));
  else
    for (int partition = 0; partition < partitions; ++partition) add(partition);
}

bool JournalView::wanted(const Outcome& outcome) const {
  if (query_.account && outcome.account != *query_.account) return false;
  if (!query_.types.empty()) return query_.types.contains(outcome.type);
  return query_.everything || outcome.type != OutcomeType::event_applied;
}

void JournalView::take(Source& source, const StreamEntry& entry, Page& page) const {
  source.after = entry.id;
  const auto packed = std::ranges::find(entry.fields, "o", &Field::first);
  if (packed == entry.fields.end()) {
    page.problems.push_back(fmt::format("{} {}: not an entry of Dun's", source.key, to_text(entry.id)));
    return;
  }
  // The account stands in the packed bytes as it is written: most entries need not be unpacked to see it is not there.
  if (query_.account && packed->second.find(query_.account->str()) == std::string::npos) return;
  auto outcomes = decode_journal(packed->second);
  if (!outcomes) {
    page.problems.push_back(fmt::format("{} {}: {}", source.key, to_text(entry.id), outcomes.error()));
    return;
  }
  for (Outcome& outcome : *outcomes)
    if (wanted(outcome)) source.ahead.push_back(std::move(outcome));
}

Awaitable<StoreResult<JournalView::Page>> JournalView::next() {
  Page page;
  // A source is read on until it has something ahead or is at its end; only then is it known which comes first.
  for (Source& source : sources_) source.at_end = false;
  while (true) {
    Operation operation;
    std::vector<Source*> asked;
    for (Source& source : sources_) {
      if (!source.ahead.empty() || source.at_end) continue;
      operation.push_back(read_stream(source.key, source.after, query_.page));
      asked.push_back(&source);
    }
    if (asked.empty()) break;
    auto replies = co_await ask(links_, std::move(operation));
    if (!replies) co_return std::unexpected(replies.error());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto entries = take_entries(std::move((*replies)[i]), asked[i]->key);
      if (!entries) co_return std::unexpected(entries.error());
      asked[i]->at_end = entries->size() < query_.page;
      for (const StreamEntry& entry : *entries) take(*asked[i], entry, page);
    }
  }
  while (true) {
    Source* first = nullptr;
    bool all_known = true;
    for (Source& source : sources_) {
      if (source.ahead.empty()) {
        all_known = all_known && source.at_end;
      } else if (first == nullptr || source.ahead.front().at < first->ahead.front().at) {
        first = &source;
      }
    }
    page.at_end = first == nullptr && all_known;
    if (first == nullptr || !all_known) break;
    page.outcomes.push_back(std::move(first->ahead.front()));
    first->ahead.pop_front();
  }
  co_return page;
}

Awaitable<StoreResult<void>> JournalView::wait(Millis limit) {
  // One command can wait for keys of one slot.
  constexpr Millis between_looks{250};
  if (links_.is_cluster()) {
    co_await async::sleep(std::min(limit, between_looks));
    co_return StoreResult<void>();
  }
  Command command = {"XREAD",  "COUNT", "1", "BLOCK", std::to_string(std::max<std::int64_t>(limit.count(), 1)),
                     "STREAMS"};
  for (const Source& source : sources_) command.push_back(source.key);
  for (const Source& source : sources_) command.push_back(to_text(source.after));
  const auto replies = co_await links_.to(sources_.front().key).execute({std::move(command)}, {}, limit + Millis(5000));
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  if (replies->front().is(Value::Type::error)) co_return std::unexpected(store_error(replies->front(), "the journals"));
  co_return StoreResult<void>();
}

}  // namespace dun::redis
