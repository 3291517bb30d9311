// How events go wrong: every field in its turn.
#pragma once

#include "domain/credit_event.hpp"

#include <span>
#include <string_view>

namespace dun::sample {

/// One way to spoil a good event.
struct Spoil {
  std::string_view field;  ///< that is to be named when the event is rejected
  std::string_view key;    ///< field of the event that is changed
  std::string_view value;  ///< that it gets; empty: it is left out
};

[[nodiscard]] std::span<const Spoil> all_spoils();

/// Spoils `fields`, a good `credit.changed`.
void apply(const Spoil& spoil, Fields& fields);

}  // namespace dun::sample
