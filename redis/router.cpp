#include "redis/router.hpp"

#include "base/async/deadline.hpp"
#include "domain/case_event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace dun::redis {

using Kind = StoreError::Kind;
namespace {

// Bytes of the entries that are copied in one transaction.
constexpr std::size_t transaction_max = std::size_t{4} << 20;
// Entries that a producer numbered say nothing of time: so many of them are kept behind what has been routed.
constexpr std::uint64_t numbered_kept = 1'000'000;

LeaseOptions lease_options(const RouterOptions& options, const Keyspace& keys) {
  return {.key = keys.router_lease(),
          .meta = keys.router_meta(),
          .what = "the router",
          .owner = options.owner,
          .ttl = options.lease_ttl,
          .replication = options.replication};
}

}  // namespace

Router::Router(Executor executor, Site site, LinkOptions link_options, RouterOptions options)
    : options_(std::move(options)),
      keyspace_(options_.prefix),
      link_(executor, site, limited(link_options), keyspace_.front_door()),
      lease_(link_, lease_options(options_, keyspace_)),
      takeover_(link_, lease_, keyspace_.router_meta(), "the front door", options_.takeover),
      batches_until_trim_(options_.trim_every),
      piece_(options_.batch) {
  if (site.kind == Site::Kind::cluster)
    copies_.emplace(std::move(executor), std::move(site), std::move(link_options), keyspace_, options_.partitions,
                    options_.replication);
}

int Router::partition_for(const Fields& fields, int partitions) {
  return home_of(fields, partitions).value_or(0);
}

std::optional<int> Router::home_of(const Fields& fields, int partitions) {
  if (is_case_event(fields)) return partition_of(field_value(fields, "case"), partitions);
  const std::string_view account = field_value(fields, "account");
  if (!is_account_id(account) || field_value(fields, "type") == to_text(EventType::source_heartbeat))
    return std::nullopt;
  return partition_of(account, partitions);
}

Awaitable<StoreResult<void>> Router::acquire() {
  if (const auto epoch = co_await lease_.acquire(); !epoch) co_return std::unexpected(epoch.error());
  if (const auto looked = co_await takeover_.look(); !looked) co_return std::unexpected(looked.error());
  const std::string key = keyspace_.router_meta();
  const auto replies = co_await ask(link_, {{"HMGET", key, "cursor", "routed", "missed", "marked"}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& reply = replies->front();
  if (!reply.is(Value::Type::array) || reply.items.size() != 4) co_return std::unexpected(store_error(reply, key));
  const Value& cursor = reply.items[0];
  const auto id = cursor.is(Value::Type::nil) ? StreamId() : parse_stream_id(cursor.text);
  if (!id)
    co_return std::unexpected(StoreError{
        .kind = Kind::corrupt, .message = fmt::format("{}: the cursor \"{}\" is not a stream id", key, cursor.text)});
  cursor_ = *id;
  audited_at_.reset();
  routed_ = static_cast<std::uint64_t>(std::max<std::int64_t>(reply.items[1].to_number(), 0));
  tally_ = reply.items[2].is(Value::Type::nil) ? Tally() : Tally(reply.items[2].to_number());
  marked_ = !reply.items[3].is(Value::Type::nil);
  if (!copies_) co_return StoreResult<void>();
  co_return co_await go_back_to_the_marks();
}

/// The cursor goes back in Redis too, so that until all is copied again the ingest barrier holds notices up.
Awaitable<StoreResult<void>> Router::go_back_to_the_marks() {
  const auto copied = co_await copies_->begin(cursor_);
  if (!copied) co_return std::unexpected(copied.error());
  if (*copied == cursor_) co_return StoreResult<void>();
  const std::string meta = keyspace_.router_meta();
  const auto committed = co_await lease_.commit({{"HSET", meta, "cursor", to_text(*copied)}, {"HDEL", meta, "missed"}});
  if (!committed) co_return std::unexpected(committed.error());
  cursor_ = *copied;
  // What is routed again is counted again, so the difference is not known any more.
  tally_ = Tally();
  co_return StoreResult<void>();
}

Awaitable<StoreResult<Router::Found>> Router::read() {
  const std::string door = keyspace_.front_door();
  const auto now = std::chrono::steady_clock::now();
  const bool audited = !audited_at_ || now - *audited_at_ >= options_.audit_every;
  Operation look = {{"XREAD", "COUNT", std::to_string(piece_), "BLOCK", std::to_string(options_.block.count()),
                     "STREAMS", door, to_text(cursor_)},
                    ask_mark(door)};
  if (audited) look.insert(look.begin(), ask_facts(door));
  auto replies = co_await lease_.finish_under(link_.start(std::move(look)), options_.block + options_.lease_ttl);
  if (!replies) co_return std::unexpected(replies.error());
  std::optional<StreamFacts> facts;
  if (audited) {
    auto taken = take_facts(replies->front(), door);
    if (!taken) co_return std::unexpected(std::move(taken).error());
    facts = *taken;
    audited_at_ = now;
  }
  const auto mark = take_mark(replies->back(), door);
  if (!mark) co_return std::unexpected(mark.error());
  // A reply is nil, or a list with the one stream as a pair of name and entries.
  Value& reply = *std::prev(replies->end(), 2);
  if (reply.is(Value::Type::array) && reply.items.size() == 1 && reply.items[0].items.size() == 2)
    reply = Value(std::move(reply.items[0].items[1]));
  const std::size_t count = reply.items.size();
  auto entries = take_entries(std::move(reply), door);
  if (!entries) co_return std::unexpected(std::move(entries).error());
  Found found{.facts = facts, .entries = *std::move(entries), .to_end = false, .mark = *mark};
  found.to_end = count < piece_ && found.entries.size() == count;
  co_return found;
}

Command Router::write_meta(StreamId cursor, std::uint64_t routed) const {
  Command command = {"HSET", keyspace_.router_meta(), "cursor", to_text(cursor), "routed", std::to_string(routed)};
  if (const auto missed = tally_.missed()) command.insert(command.end(), {"missed", std::to_string(*missed)});
  return command;
}

void Router::tell(Tally::Finding finding) const {
  const std::string door = keyspace_.front_door();
  if (finding.begun_anew)
    remark("stream.begun_anew",
           fmt::format("{} was deleted or replaced by others and is read from where it begins now{}", door,
                       finding.lost == 0 ? "" : fmt::format("; {} events in it had not been routed", finding.lost)));
  else if (finding.lost > 0)
    remark(
        "stream.unread_lost",
        fmt::format("{} events of {} were removed before they were routed (XADD with MAXLEN or MINID, XTRIM, XDEL by "
                    "others): what they said is not known here; publish them again",
                    finding.lost, door));
}

/// The front door bears our mark from now on. One that bore it and does not is another one.
Awaitable<StoreResult<void>> Router::keep_mark(Mark found) {
  audited_at_.reset();
  if (marked_ && found != Mark::there) {
    const Tally::Finding finding = tally_.replaced(routed_);
    auto begun = co_await begin_anew(found);
    if (begun) tell(finding);
    co_return begun;
  }
  const auto committed = co_await lease_.commit(set_mark(found, keyspace_.front_door(), keyspace_.router_meta()));
  if (!committed) co_return std::unexpected(committed.error());
  marked_ = true;
  co_return StoreResult<void>();
}

/// The front door is another one: its entries have not been routed.
Awaitable<StoreResult<void>> Router::begin_anew(Mark mark) {
  Operation writes = set_mark(mark, keyspace_.front_door(), keyspace_.router_meta());
  writes.push_back(write_meta(StreamId(), routed_));
  const auto committed = co_await lease_.commit(std::move(writes));
  if (!committed) co_return std::unexpected(committed.error());
  cursor_ = StreamId();
  if (!copies_) co_return StoreResult<void>();
  const auto copied = co_await copies_->begin(cursor_);
  if (!copied) co_return std::unexpected(copied.error());
  co_return StoreResult<void>();
}

/// Of what was read, as much as one transaction is to carry: at least one entry.
std::size_t Router::take_piece(std::vector<StreamEntry>& entries) const {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const StreamEntry& entry : entries) {
    for (const auto& [name, value] : entry.fields) bytes += name.size() + value.size();
    if (bytes > transaction_max && count > 0) break;
    ++count;
  }
  entries.resize(count);
  const bool strange = std::ranges::any_of(entries, [](const StreamEntry& entry) { return entry.oversize > 0; });
  return strange ? 1 : std::min(2 * piece_, options_.batch);
}

Operation Router::copies_of(const std::vector<StreamEntry>& entries) const {
  Operation copies;
  copies.reserve(entries.size() + 2);
  for (const StreamEntry& entry : entries) {
    const int partition = partition_for(entry.fields, options_.partitions);
    copies.push_back(append_to_stream(keyspace_.partition(partition).events(), copy_of(entry)));
  }
  return copies;
}

void Router::add_trimming(Operation& writes, StreamId cursor) {
  if (--batches_until_trim_ > 0) return;
  const auto retention = static_cast<std::uint64_t>(Millis(options_.retention).count());
  const std::uint64_t span = is_numbered(cursor) ? numbered_kept : retention;
  // An id that no clock made says nothing of time either.
  const std::uint64_t newest = std::min(cursor.ms, clock_end().ms);
  const StreamId kept{.ms = newest > span ? newest - span : 0, .seq = 0};
  writes.push_back({"XTRIM", keyspace_.front_door(), "MINID", "~", to_text(kept)});
  batches_until_trim_ = options_.trim_every;
}

/// All that is there has been copied, and nothing can have been added behind the last possible id: the front door goes
/// on behind its last entry that a clock, or its producer, made.
Awaitable<StoreResult<void>> Router::renew_door() {
  const std::string door = keyspace_.front_door();
  auto renewal = co_await plan_renewal(link_, door);
  if (!renewal) co_return std::unexpected(renewal.error());
  renewal->writes.push_back({"HSET", keyspace_.router_meta(), "cursor", to_text(renewal->end)});
  if (const auto renewed = co_await lease_.commit(std::move(renewal->writes)); !renewed)
    co_return std::unexpected(renewed.error());
  cursor_ = renewal->end;
  remark("stream.exhausted", fmt::format("somebody added the last possible id to {}, behind which Redis takes nothing; "
                                         "everything there has been routed, and the stream goes on behind {}",
                                         door, to_text(cursor_)));
  if (!copies_) co_return StoreResult<void>();
  co_return co_await go_back_to_the_marks();
}

void Router::remark(const std::string& reason, const std::string& what) const {
  if (options_.on_remark) options_.on_remark(reason, what);
}

Awaitable<StoreResult<std::size_t>> Router::step() {
  if (cursor_ == last_possible_id)
    if (const auto renewed = co_await renew_door(); !renewed) co_return std::unexpected(renewed.error());
  auto found = co_await read();
  if (!found) co_return std::unexpected(found.error());
  if (found->mark != (marked_ ? Mark::there : Mark::no_stream)) {
    if (const auto kept = co_await keep_mark(found->mark); !kept) co_return std::unexpected(kept.error());
    co_return co_await step();
  }
  std::vector<StreamEntry>* entries = &found->entries;
  if (found->facts)
    tell(tally_.look({.facts = *found->facts,
                      .cursor = cursor_,
                      .before = routed_,
                      .now = entries->size(),
                      .to_end = found->to_end}));
  if (found->facts && found->facts->last < cursor_) {
    if (const auto begun = co_await begin_anew(found->mark); !begun) co_return std::unexpected(begun.error());
    co_return std::size_t{0};
  }
  const std::size_t next_piece = take_piece(*entries);
  const std::size_t count = entries->size();
  // What is too large is told by its copy; the entry itself would be in the way of whoever looks at the front door's
  // end.
  Command removal = {"XDEL", keyspace_.front_door()};
  for (const StreamEntry& entry : *entries)
    if (entry.oversize > 0) removal.push_back(to_text(entry.id));
  const StreamId cursor = count == 0 ? cursor_ : entries->back().id;
  Operation writes;
  if (!copies_) {
    writes = copies_of(*entries);
  } else {
    StoreResult<void> copied;
    if (count == 0)
      copied = co_await copies_->settle(cursor);
    else
      copied = co_await copies_->copy(std::move(*entries));
    if (!copied) co_return std::unexpected(copied.error());
  }
  writes.push_back(write_meta(cursor, routed_ + count));
  if (count > 0) add_trimming(writes, cursor);
  if (removal.size() > 2) writes.push_back(std::move(removal));
  if (const auto committed = co_await lease_.commit(std::move(writes)); !committed)
    co_return std::unexpected(committed.error());
  cursor_ = cursor;
  routed_ += count;
  piece_ = next_piece;
  co_return count;
}

Awaitable<void> Router::run() {
  constexpr int longer = 32;
  const Millis retry_max = options_.retry * longer;
  Millis pause = options_.retry;
  while (true) {
    StoreError failure;
    if (const auto acquired = co_await acquire(); acquired) {
      report(true, "routing the front door");
      auto routed = co_await step();
      while (routed) routed = co_await step();
      failure = std::move(routed).error();
    } else {
      failure = acquired.error();
    }
    report(failure.kind == Kind::owned, failure.message);
    // What was in such a transaction may have been copied all the same, and will be again.
    pause = failure.kind == Kind::corrupt ? std::min(pause * 2, retry_max) : options_.retry;
    co_await async::sleep(pause);
  }
}

void Router::report(bool well, const std::string& what) {
  if (reported_ == what) return;
  reported_ = what;
  if (options_.on_change) options_.on_change(well, what);
}

Awaitable<void> Router::close() {
  co_await lease_.release();
  if (copies_) co_await copies_->close();
  co_await link_.close();
}

}  // namespace dun::redis
