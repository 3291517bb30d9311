#include "messages/sample.hpp"

#include "base/assert.hpp"
#include "domain/zones.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

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
  const bool owes = kind != NoticeKind::early_reminder;
  context.balance = Amount::from_micros(owes ? -1'286'500'000 : 18'400'000);
  if (owes) context.owed = -*context.balance;
  context.amount = Amount::from_micros(300'000'000);
  context.currency = context.amount_currency = "CNY";
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

std::vector<MessageContext> telling_samples(NoticeKind kind, int step) {
  const MessageContext full = sample_context(kind, step, true);
  std::vector<MessageContext> samples = {full, bare_sample_context(kind, step, true)};
  const auto with = [&](auto change) { change(samples.emplace_back(full)); };
  with([](MessageContext& c) {
    c.credit_limit = Amount::from_micros(5'000'000'000);
    c.as_of = c.event_time;
  });
  for (const std::int64_t micros : {std::int64_t{50'000}, std::int64_t{1'234'567'890'000}}) {
    with([&](MessageContext& c) {
      c.balance = Amount::from_micros(-micros);
      c.owed = c.amount = Amount::from_micros(micros);
    });
    with([&](MessageContext& c) {
      c.owed.reset();
      c.balance = Amount::from_micros(micros);
    });
  }
  for (const std::string_view name : credit_state_names()) {
    with([&](MessageContext& c) { c.state = *credit_state(name); });
    with([&](MessageContext& c) {
      c.state = *credit_state(name);
      c.suspend_at.reset();
    });
  }
  for (const std::string_view name : suspension_reason_names())
    with([&](MessageContext& c) { c.reason = *suspension_reason(name); });
  return samples;
}

void set_every_instant(MessageContext& context, Instant local) {
  const date::time_zone& zone = zone_data().get(context.zone);
  const Instant at = zone_data().readings(zone, LocalMillis(local.time_since_epoch())).earliest;
  context.event_time = context.now = at;
  for (auto* const instant :
       {&context.as_of, &context.due_at, &context.suspend_at, &context.exhausts_at, &context.charge_at})
    if (*instant) *instant = at;
}

}  // namespace dun::messages
