#include "policies/options.hpp"

#include "domain/enum_index.hpp"

namespace dun::policies {
namespace {

KindSet kinds(std::initializer_list<NoticeKind> list) {
  KindSet set;
  for (const NoticeKind kind : list) set.add(kind);
  return set;
}

}  // namespace

PolicySet shipped_policies() {
  using enum NoticeKind;
  PolicySet set;
  set.quiet_hours.windows = {QuietWindow{.name = "night"}};
  set.quiet_hours.kinds = kinds({early_reminder, dunning, suspension_warning, suspended, refund, charge});
  set.vip.spared = kinds({dunning, suspension_warning});
  set.consent.opt_in = kinds({early_reminder, refund, charge});
  set.lanes.fill(Lane::normal);
  const auto hold = [&](NoticeKind kind, Millis most) { set.expiry.max_hold.at(enum_index(kind)) = most; };
  hold(early_reminder, date::days(3));
  hold(dunning, date::days(7));
  hold(suspension_warning, date::days(3));
  hold(suspended, date::days(2));
  hold(resumed, date::days(1));
  hold(payment_received, date::days(1));
  hold(refund, date::days(3));
  hold(charge, date::days(3));
  hold(manager_task, date::days(3));
  hold(manager_update, date::days(3));
  hold(escalation, date::days(3));
  hold(ops_alert, date::days(1));
  for (const NoticeKind kind : {resumed, manager_task, manager_update, escalation, ops_alert})
    set.lanes.at(enum_index(kind)) = Lane::urgent;
  return set;
}

EventBounds event_bounds(const PolicySet& policies, Instant now) {
  const IntakeOptions& intake = policies.intake;
  return {.now = now,
          .latest = now + intake.future_max,
          .earliest = now - intake.past_max,
          .plausible = intake.plausible,
          .balance_means = policies.credit.balance_means};
}

const Person* find_person(const PolicySet& policies, const std::string& id) {
  const auto& people = policies.people.people;
  auto at = people.find(id);
  if (at == people.end()) at = people.find(policies.people.default_manager);
  return at == people.end() ? nullptr : &at->second;
}

}  // namespace dun::policies
