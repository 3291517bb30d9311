// Redis streams: ids, entries, and how replies spell them.
#pragma once

#include "redis/protocol.hpp"
#include "scheduler/ports/store_error.hpp"
#include "scheduler/ports/stream.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

using scheduler::StoreError;
using scheduler::StoreResult;
using scheduler::StreamEntry;
using scheduler::StreamId;

/// What an event may be, with room to spare: an SMS notice needs a few hundred bytes. What is larger is not fetched
/// whole, and rejected.
struct EntryBounds {
  static constexpr std::size_t text_max = 65'536;  ///< bytes of a name or a value
  static constexpr std::size_t fields_max = 512;
  static constexpr std::size_t entry_max = 262'144;                ///< bytes of all names and values
  static constexpr std::size_t reply_max = std::size_t{16} << 20;  ///< bytes kept of one reply
  static constexpr std::size_t text_kept = 256;                    ///< of a name or value of an entry that is too large
  static constexpr std::size_t fields_kept = 32;                   ///< of its fields
};
[[nodiscard]] ReplyLimits reply_limits();
/// The id behind which Redis adds nothing: whoever may add entries may add this one, by mistake or to do harm.
inline constexpr StreamId last_possible_id{.ms = ~std::uint64_t{0}, .seq = ~std::uint64_t{0}};

/// In front of an entry that the router found too large, with its size: what follows is the beginning of it.
inline constexpr std::string_view oversize_field = "dun.oversize";

[[nodiscard]] std::string to_text(StreamId id);
/// Whether a producer made the id, `NUMBER-0` of a sequence of its own, and not the server, from its clock. The numbers
/// end where clocks stood in 2001.
[[nodiscard]] bool is_numbered(StreamId id);
/// `1767225600000-0`, or `1767225600000` for sequence 0.
[[nodiscard]] std::optional<StreamId> parse_stream_id(std::string_view text);

/// The next `count` entries behind `after`.
[[nodiscard]] Command read_stream(std::string key, StreamId after, std::size_t count);
/// The last entry, if there is one.
[[nodiscard]] Command last_of_stream(std::string key);
/// The last entry behind `after`, if there is one.
[[nodiscard]] Command last_of_stream(std::string key, StreamId after);
/// Fields of a copy of the entry: what was shortened says so to whoever reads the copy.
[[nodiscard]] Fields copy_of(const StreamEntry& entry);
/// Appends an entry; the server makes its id.
[[nodiscard]] Command append_to_stream(std::string key, const Fields& fields);

/// The entries of a reply to XRANGE, XREVRANGE or one stream of XREAD. What fields say is not looked at; of entries
/// beyond the bounds the beginning is kept. Where the reply was more than is kept of one, the entries end early, so
/// that the rest is to be read next. The error names the key.
[[nodiscard]] StoreResult<std::vector<StreamEntry>> take_entries(Value&& reply, std::string_view key);
/// The id of the entry in a reply to last_of_stream; zero for an empty stream.
[[nodiscard]] StoreResult<StreamId> take_last_id(Value&& reply, std::string_view key);

/// The first error among the replies to a transaction, of a command that was not queued or of one that failed inside;
/// none when all was applied, or nothing because a watched key had changed.
[[nodiscard]] const Value* error_of_transaction(const std::vector<Value>& replies);

/// True for an error of a server that cannot answer at present: it is loading its data, busy with a script, cut off
/// from its master.
[[nodiscard]] bool is_absence(const Value& reply);
/// True for the reply to XINFO for a stream that is not there.
[[nodiscard]] bool is_no_stream(const Value& reply);
/// What an error reply, or a reply that has not the form its command has, means to an engine: `refused` when the
/// server would not do it, `unavailable` when it cannot at present, `corrupt` for everything that should not be.
[[nodiscard]] StoreError store_error(const Value& reply, std::string_view key);

}  // namespace dun::redis
