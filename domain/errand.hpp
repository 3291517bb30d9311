// What a claimed notice sends to its gateway: the message, or a question about one that was not answered.
#pragma once

#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <string>
#include <variant>

namespace dun {

/// The message itself.
struct Submission {
  std::string text;
  Encoding encoding = Encoding::gsm7;
  int parts = 1;          ///< SMS segments, as the handset will show it
  Instant valid_until{};  ///< the gateway must not deliver it after this (E10)
  friend bool operator==(const Submission&, const Submission&) = default;
};

/// What became of an attempt that the gateway did not answer. It disturbs nobody: it may be asked at any hour.
struct Question {
  int number = 1;          ///< it is the nth about this attempt
  Instant submitted_at{};  ///< when the attempt was claimed
  friend bool operator==(const Question&, const Question&) = default;
};

using Errand = std::variant<Submission, Question>;

/// SMS segments of the gateway's rate: a question takes as much as the shortest message.
[[nodiscard]] inline int segments_of(const Errand& errand) {
  const auto* message = std::get_if<Submission>(&errand);
  return message != nullptr ? message->parts : 1;
}

/// A message that may not be delivered any more is not handed over.
[[nodiscard]] inline bool is_past(const Errand& errand, Instant now) {
  const auto* message = std::get_if<Submission>(&errand);
  return message != nullptr && message->valid_until <= now;
}

}  // namespace dun
