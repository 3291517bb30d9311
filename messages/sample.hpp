// Made-up messages to try texts on: for the check of the configuration and for people who write texts.
#pragma once

#include "domain/message.hpp"

namespace dun::messages {

/// A message that has everything a text may mention, with values of the usual length, in Shanghai's zone: it became
/// true at 22:30 on 31 March 2026, just inside the night. Held, it goes out at 07:00 the next morning.
[[nodiscard]] MessageContext sample_context(NoticeKind kind, int step, bool held);

/// The same without anything that a message may lack.
[[nodiscard]] MessageContext bare_sample_context(NoticeKind kind, int step, bool held);

}  // namespace dun::messages
