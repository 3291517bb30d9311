#include "messages/sample.hpp"

#include "domain/assert.hpp"

#include <chrono>

namespace dun::messages {
namespace {

/// The credit state in which an account usually gets such a notice.
CreditState state_at(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::early_reminder:
      return CreditState::low;
    case NoticeKind::suspension_warning:
    case NoticeKind::manager_task:
    case NoticeKind::manager_update:
    case NoticeKind::escalation:
      return CreditState::suspension_due;
    case NoticeKind::suspended:
      return CreditState::suspended;
    case NoticeKind::resumed:
    case NoticeKind::refund:
    case NoticeKind::charge:
      return CreditState::clear;
    case NoticeKind::dunning:
    case NoticeKind::payment_received:
    case NoticeKind::ops_alert:
      return CreditState::arrears;
  }
  DUN_ASSERT(false);
}

}  // namespace

MessageContext bare_sample_context(NoticeKind kind, int step, bool held) {
  using namespace std::chrono_literals;
  MessageContext context;
  context.kind = kind;
  context.step = step;
  context.zone = "Asia/Shanghai";
  context.account = AccountId("138001380001");
  context.event_time = date::sys_days(date::year(2026) / 3 / 31) + 14h + 30min;
  context.now = held ? context.event_time + 8h + 30min : context.event_time + 2s;
  context.held = held;
  context.state = state_at(kind);
  context.credit_level = 7;
  return context;
}

MessageContext sample_context(NoticeKind kind, int step, bool held) {
  using namespace std::chrono_literals;
  MessageContext context = bare_sample_context(kind, step, held);
  context.brand = "Acme";
  context.balance = Amount::from_micros(kind == NoticeKind::early_reminder ? 18'400'000 : -1'286'500'000);
  context.amount = Amount::from_micros(300'000'000);
  context.currency = "CNY";
  context.due_at = context.event_time - 48h;
  context.suspend_at = context.event_time + 84h + 30min;
  context.exhausts_at = context.event_time + 60h;
  context.charge_at = context.event_time + 36h;
  context.product = "Mobile 50 GB";
  context.manager_name = "Li Wei";
  context.customer_msisdn = "+8613800138000";
  context.task = TaskId(context.account.str() + "~t7k2m9x0c1b8n3qrt");
  return context;
}

}  // namespace dun::messages
