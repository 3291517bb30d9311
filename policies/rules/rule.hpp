// The one shape of a rule. Rules are level-triggered: what came in has changed facts in the record first, and a rule
// compares what should be on its way by these facts with what is. It may run at any time, and twice.
#pragma once

#include "policies/situation.hpp"

#include <optional>
#include <string>

namespace dun::policies::rules {

/// A rule leaves out what it has nothing to say about.
struct Rule {
  /// Ends what is over by now, of any account.
  void (*ends)(Situation&) = nullptr;
  /// Starts or moves what the record asks for, of an account that is open.
  void (*starts)(Situation&) = nullptr;
  /// Why a decided notice no longer holds (paid, resumed, disputed, a later step issued ...): a rule id, or nothing.
  std::string (*voids)(const Situation&, const PendingNotice&) = nullptr;
  /// When it wants to be asked again, if nothing comes in before.
  std::optional<Instant> (*next)(const Situation&) = nullptr;
};

}  // namespace dun::policies::rules
