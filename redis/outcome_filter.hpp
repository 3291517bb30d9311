// Which outcomes the public stream carries.
#pragma once

#include "domain/enum_index.hpp"
#include "domain/vocabulary.hpp"

#include <bitset>
#include <expected>
#include <span>
#include <string>

namespace dun::redis {

/// A set of outcome types, written as a list of names and of prefixes ending in `.*`. `event.applied` is the journal's
/// own: `event.*` does not mean it, only its full name does.
class OutcomeFilter {
 public:
  /// What dun.toml carries by default (contract section 3).
  static OutcomeFilter standard();
  /// The error names the pattern that means nothing and lists what there is.
  static std::expected<OutcomeFilter, std::string> parse(std::span<const std::string> patterns);

  [[nodiscard]] bool has(OutcomeType type) const { return types_[enum_index(type)]; }

 private:
  std::bitset<enum_index(OutcomeType::event_conflict) + 1> types_;
};

}  // namespace dun::redis
