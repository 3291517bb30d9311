// Made-up messages to try texts on: for the check of the configuration and for people who write texts.
#pragma once

#include "domain/message.hpp"

#include <cstddef>
#include <vector>

namespace dun::messages {

/// A message that has what a text usually mentions, with values of the usual length, in Shanghai's zone: it became true
/// at 22:30 on 31 March 2026, just inside the night. Held, it goes out at 07:00 the next morning.
[[nodiscard]] MessageContext sample_context(NoticeKind kind, int step, bool held);

/// The same without anything that a message may lack.
[[nodiscard]] MessageContext bare_sample_context(NoticeKind kind, int step, bool held);

/// Held messages of a kind in all the shapes that its text may have to cope with: with everything, with as little as
/// possible, beyond a credit limit, in every state, for every reason, with large, small and negative amounts. The first
/// `fullest_samples` have among them everything that a text may mention.
inline constexpr std::size_t fullest_samples = 3;
[[nodiscard]] std::vector<MessageContext> telling_samples(NoticeKind kind, int step);

/// Moves everything in a message that has a time there to this local time of its zone.
void set_every_instant(MessageContext& context, Instant local);

}  // namespace dun::messages
