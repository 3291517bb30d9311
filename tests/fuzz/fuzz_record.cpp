// Foreign bytes where Dun's own are expected: stored records and entries, and whatever answers at the port of Redis.
#include "base/assert.hpp"
#include "redis/codec.hpp"
#include "redis/commit_commands.hpp"
#include "redis/keys.hpp"
#include "redis/meta.hpp"
#include "redis/multiplexer.hpp"
#include "redis/stream.hpp"
#include "redis/takeover.hpp"
#include "redis/topology.hpp"
#include "tests/support/shelf_times.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace dun;
using namespace dun::redis;

/// What can be read can be written and read again to the same.
void records(std::string_view bytes) {
  if (const auto record = decode_record(bytes)) DUN_ASSERT(decode_record(encode(*record)).value() == *record);
  if (const auto entry = decode_in_flight(bytes)) DUN_ASSERT(decode_in_flight(encode(*entry)).value() == *entry);
  if (const auto outcomes = decode_journal(bytes))
    DUN_ASSERT(decode_journal(encode_journal(Instant(), *outcomes)).value() == *outcomes);
  const scheduler::ShelfKey shelf{.lane = Lane::normal, .at = test::at_second(1'767'225'600)};
  if (const auto entry = decode_shelf_entry(bytes, shelf))
    DUN_ASSERT(decode_shelf_entry(encode(*entry, shelf), shelf).value() == *entry);
  constexpr auto minute = test::at_minute(29'453'760);
  if (const auto entry = decode_timer_entry(bytes, minute))
    DUN_ASSERT(decode_timer_entry(encode(*entry, minute), minute).value() == *entry);
}

/// What is text in a reply: names of lists, ids, the report of a server about itself.
void texts(const std::string& text) {
  if (const auto member = parse_due_member(text))
    DUN_ASSERT((member->shelf ? due_member(*member->shelf) : due_member(member->minute)).size() <= text.size());
  if (const auto id = parse_stream_id(text)) DUN_ASSERT(parse_stream_id(to_text(*id)) == id);
  (void)took_over(text, read_history(text, "127.0.0.1:6379"), text.size() % 2 == 0);
}

void each_text(const Value& reply) {
  texts(reply.text);
  for (const Value& item : reply.items) each_text(item);
}

/// Every reader of replies, given every reply; the bytes arrive in pieces of `step`.
void replies(std::string_view bytes, std::size_t step) {
  Multiplexer multiplexer;
  for (Multiplexer::Ticket ticket = 1; ticket <= 8; ++ticket) multiplexer.submit(ticket, {{"A"}, {"B"}});
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    auto finished = multiplexer.feed(bytes.substr(at, step));
    if (!finished) return;
    for (auto& operation : *finished) {
      (void)error_of_transaction(operation.replies);
      for (Value& reply : operation.replies) {
        each_text(reply);
        (void)store_error(reply, "key");
        (void)read_meta(reply);
        (void)read_hold(reply);
        (void)take_last_id(Value(reply), "key");
        if (const auto slots = read_slots(reply, 8191, {.host = "127.0.0.1", .port = 7000}))
          DUN_ASSERT(slots->master.port != 0 && !slots->master.host.empty());
        if (auto entries = take_entries(std::move(reply), "key"))
          for (const StreamEntry& entry : *entries) {
            const auto rejected = rejected_from_fields(entry.fields);
            DUN_ASSERT(rejected_from_fields(to_fields(rejected)).original.fields == rejected.original.fields);
          }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  // The first byte chooses what the rest is taken for.
  const auto choice = static_cast<unsigned char>(bytes.front());
  if (choice < 128)
    records(bytes.substr(1));
  else
    replies(bytes.substr(1), 1 + choice % 16);
  return 0;
}
