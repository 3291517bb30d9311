// What a claim carries, for tests that know which of the two it is.
#pragma once

#include "scheduler/ports/in_flight.hpp"

#include <string>
#include <variant>

namespace dun::test {

/// Throws where it is a question.
inline const Submission& message_of(const scheduler::InFlight& claim) {
  return std::get<Submission>(claim.errand);
}

/// Throws where it is a message.
inline const Question& question_of(const scheduler::InFlight& claim) {
  return std::get<Question>(claim.errand);
}

inline bool is_message(const scheduler::InFlight& claim) {
  return std::holds_alternative<Submission>(claim.errand);
}

/// Empty for a question.
inline std::string text_of(const scheduler::InFlight& claim) {
  return is_message(claim) ? message_of(claim).text : std::string();
}

}  // namespace dun::test
