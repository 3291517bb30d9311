#include "policies/rules/rules.hpp"

#include "policies/rules/account.hpp"
#include "policies/rules/early_reminder.hpp"
#include "policies/rules/ladder.hpp"
#include "policies/rules/managers.hpp"
#include "policies/rules/receipts.hpp"
#include "policies/rules/suspension_warning.hpp"

#include <array>

namespace dun::policies::rules {
namespace {

constexpr std::array list{
    &receipts_rule,            // waits for a receipt that are over end, or are repeated
    &managers_rule,            // a task whose cause is gone is closed
    &account_rule,             // what waits tells the position as it is now, and goes earlier where it may
    &ladder_rule,              // the step that has come due is issued (VIP: a task)
    &suspension_warning_rule,  // is issued or moved (VIP: a task)
    &early_reminder_rule,      // is issued
    &suspension_at_risk_rule,  // billing is told when a suspension is nearer than its warning
};

}  // namespace

std::span<const Rule* const> all() {
  return list;
}

std::string void_by(const Situation& now, const PendingNotice& notice) {
  for (const Rule* rule : list)
    if (rule->voids != nullptr)
      if (auto reason = rule->voids(now, notice); !reason.empty()) return reason;
  return {};
}

}  // namespace dun::policies::rules
