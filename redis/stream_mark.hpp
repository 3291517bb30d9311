// How a stream is known again: a stream that was deleted and begun anew may look as the old one would by now.
#pragma once

#include "redis/stream.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dun::redis {

/// A consumer group that nobody consumes by. It lives in the stream's own key, so it goes where the stream goes, to
/// replicas and other nodes too, and one that was begun anew has none, whatever its ids and counters say.
///
/// What is read, and bears the mark behind that, bore it while it was read: only the reader sets it, under its lease.
/// The reader keeps beside its cursor that it has set it (`marked`).
inline constexpr std::string_view mark_name = "dun";

enum class Mark : std::uint8_t { no_stream, missing, there };

[[nodiscard]] Command ask_mark(std::string key);
[[nodiscard]] StoreResult<Mark> take_mark(const Value& reply, std::string_view key);

/// The writes by which the stream bears the mark, and `meta` says so. A stream that is not there is made, so that what
/// comes next is marked from its beginning.
[[nodiscard]] Operation set_mark(Mark found, std::string key, std::string meta);

}  // namespace dun::redis
