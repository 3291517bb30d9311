// Redis streams: ids, entries, and how replies spell them.
#pragma once

#include "redis/protocol.hpp"
#include "scheduler/ports.hpp"

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
/// Appends an entry; the server makes its id.
[[nodiscard]] Command append_to_stream(std::string key, const Fields& fields);

/// The entries of a reply to XRANGE, XREVRANGE or one stream of XREAD. What fields say is not looked at. The error
/// names the key.
[[nodiscard]] StoreResult<std::vector<StreamEntry>> take_entries(Value&& reply, std::string_view key);
/// The id of the entry in a reply to last_of_stream; zero for an empty stream.
[[nodiscard]] StoreResult<StreamId> take_last_id(Value&& reply, std::string_view key);

/// The first error among the replies to a transaction, of a command that was not queued or of one that failed inside;
/// none when all was applied, or nothing because a watched key had changed.
[[nodiscard]] const Value* error_of_transaction(const std::vector<Value>& replies);

/// What an error reply, or a reply that has not the form its command has, means to an engine: `refused` when the
/// server would not do it, `unavailable` when it cannot at present, `corrupt` for everything that should not be.
[[nodiscard]] StoreError store_error(const Value& reply, std::string_view key);

}  // namespace dun::redis
