// What Dun stores, as bytes and back. Decoding never trusts the bytes: anything but what encode() makes is an error in
// words, to which the caller adds the key it came from.
#pragma once

#include "domain/account_record.hpp"
#include "domain/case_record.hpp"
#include "domain/outcome.hpp"
#include "scheduler/ports/in_flight.hpp"
#include "scheduler/ports/post.hpp"
#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/timer.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

template <typename T>
using Decoded = std::expected<T, std::string>;

/// Protocol Buffers, record.proto. `in_flight` of pending notices is not stored. Numbers in `seen` have 48 bits.
[[nodiscard]] std::string encode(const AccountRecord& record);
[[nodiscard]] Decoded<AccountRecord> decode_record(std::string_view bytes);

/// Protocol Buffers, record.proto.
[[nodiscard]] std::string encode(const CaseRecord& record);
[[nodiscard]] Decoded<CaseRecord> decode_case(std::string_view bytes);

/// Protocol Buffers, record.proto. Its id is the name that it is stored under.
[[nodiscard]] std::string encode(const scheduler::Post& post);
[[nodiscard]] Decoded<scheduler::Post> decode_post(EventId id, std::string_view bytes);

/// Protocol Buffers, record.proto.
[[nodiscard]] std::string encode(const scheduler::InFlight& entry);
[[nodiscard]] Decoded<scheduler::InFlight> decode_in_flight(std::string_view bytes);

/// All outcomes of one commit, record.proto. Their `at` may differ from the commit's.
[[nodiscard]] std::string encode_journal(Instant at, std::span<const Outcome> outcomes);
[[nodiscard]] Decoded<std::vector<Outcome>> decode_journal(std::string_view bytes);

/// A list entry, packed by hand because there are the most of these: varint ordinal, varint generation, zigzag varint
/// of `decided_at` minus the shelf's instant in milliseconds, then the account to the end. No account holds a zero
/// byte: a later version may put one behind it, and more behind that.
[[nodiscard]] std::string encode(const scheduler::ShelfEntry& entry, const scheduler::ShelfKey& shelf);
[[nodiscard]] Decoded<scheduler::ShelfEntry> decode_shelf_entry(std::string_view bytes,
                                                                const scheduler::ShelfKey& shelf);

/// Likewise: zigzag varint of `at` minus the beginning of the minute, then the account.
[[nodiscard]] std::string encode(const scheduler::TimerEntry& entry, scheduler::TimerMinute minute);
[[nodiscard]] Decoded<scheduler::TimerEntry> decode_timer_entry(std::string_view bytes, scheduler::TimerMinute minute);

}  // namespace dun::redis
