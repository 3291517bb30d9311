#include "policies/message_context.hpp"

#include "policies/gates.hpp"

namespace dun::policies {

MessageContext message_context(const Situation& now, const PendingNotice& notice) {
  const AccountRecord& record = now.record;
  const CreditPosition& credit = record.credit;
  MessageContext context{.kind = notice.kind,
                         .step = notice.step,
                         .lang = record.profile.lang,
                         .zone = now.zone->name(),
                         .brand = record.profile.brand,
                         .account = now.account,
                         .event_time = notice.event_time,
                         .now = now.now,
                         .held = now.now - notice.wanted_at > now.policies.held_after,
                         .balance = credit.balance,
                         .amount = notice.amount,
                         .currency = notice.currency.empty() ? credit.currency : notice.currency,
                         .due_at = credit.due_at,
                         .suspend_at = credit.suspend_at,
                         .exhausts_at = credit.exhausts_at,
                         .charge_at = notice.charge_at,
                         .product = notice.product,
                         .state = credit.state,
                         .credit_level = record.profile.credit_level};
  if (!to_manager(notice.kind) || !record.task) return context;
  context.customer_msisdn = record.profile.msisdn;
  context.task = task_id(now.account, *record.task);
  if (const Person* person = find_person(now.policies, record.task->manager)) {
    context.manager_name = person->name;
    context.lang = person->lang;
    if (find_zone(person->zone) != nullptr) context.zone = person->zone;
  }
  return context;
}

std::string receiver(const Situation& now, const PendingNotice& notice) {
  if (!to_manager(notice.kind)) return now.record.profile.msisdn;
  const Person* person = now.record.task ? find_person(now.policies, now.record.task->manager) : nullptr;
  return person != nullptr ? person->phone : std::string();
}

}  // namespace dun::policies
