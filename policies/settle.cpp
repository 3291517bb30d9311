#include "policies/settle.hpp"

#include "domain/assert.hpp"
#include "policies/caps.hpp"
#include "policies/evaluate.hpp"
#include "policies/gates.hpp"
#include "policies/notices.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

/// What the customer has been told counts towards caps from the moment it was handed over.
void count_handed_over(Situation& now, const PendingNotice& notice, Instant at) {
  if (notice.kind != NoticeKind::dunning) return;
  std::vector<Instant>& dunned = now.record.dunned;
  const LocalDay oldest = local_day(at, *now.zone) - date::days(cap_week_days);
  std::erase_if(dunned, [&](Instant instant) { return local_day(instant, *now.zone) < oldest; });
  dunned.push_back(at);
}

void put_out_delivery(Situation& now, const SentNotice& sent, ReceiptStatus status, const std::string& gateway_id,
                      const std::string& detail) {
  const bool delivered = status == ReceiptStatus::delivered;
  Outcome& outcome = now.put_out(delivered ? OutcomeType::notice_delivered : OutcomeType::notice_failed);
  outcome.notice = sent.id;
  outcome.kind = sent.kind;
  outcome.step = sent.step;
  outcome.channel = "sms";
  outcome.cause = EventId();
  outcome.sent_at = sent.sent_at;
  outcome.client_ref = sent.id.str();
  outcome.gateway = sent.gateway;
  outcome.gateway_id = gateway_id;
  outcome.detail = detail;
  if (!delivered) outcome.reasons = {"gateway.undelivered"};
}

void describe(Outcome& outcome, const Settled& settled) {
  outcome.sent_at = settled.claimed_at;
  outcome.to = settled.to;
  outcome.text = settled.text;
  outcome.parts = settled.parts;
  outcome.encoding = settled.encoding;
  outcome.gateway = settled.gateway;
  outcome.gateway_id = settled.gateway_id;
  outcome.attempt = settled.attempt;
  outcome.detail = settled.detail;
  if (!settled.reason.empty()) outcome.reasons.push_back(settled.reason);
}

void put_out_sent(Situation& now, const PendingNotice& notice, const Settled& settled) {
  describe(now.put_out(OutcomeType::notice_sent, notice), settled);
  SentNotice sent{.id = notice_id(now.account, notice),
                  .kind = notice.kind,
                  .step = notice.step,
                  .sent_at = settled.claimed_at,
                  .gateway = settled.gateway};
  if (notice.early_receipt) {
    put_out_delivery(now, sent, *notice.early_receipt, settled.gateway_id, {});
  } else {
    std::vector<SentNotice>& list = now.record.sent;
    list.push_back(std::move(sent));
    if (list.size() > sent_notices_max) list.erase(list.begin());
  }
}

/// One more attempt, decided again when its turn comes: what was paid meanwhile is not repeated.
void repeat(Situation& now, PendingNotice& notice) {
  // The first attempt must not count against the second.
  const auto counted = std::ranges::find(now.record.dunned, notice.attempted_at);
  if (notice.kind == NoticeKind::dunning && counted != now.record.dunned.end()) now.record.dunned.erase(counted);
  notice.repeat_unreceipted = false;
  notice.reasons.emplace_back("gateway.no_receipt");
  shelve(now, notice, now.now);
}

}  // namespace

void settle(Situation& now, const Settled& settled) {
  PendingNotice* notice = find_notice(now.record, settled.ordinal);
  DUN_ASSERT(notice != nullptr);
  now.effects.record_changed = true;
  notice->in_flight = false;
  notice->attempt = settled.attempt;
  notice->attempted_at = settled.claimed_at;
  // A receipt proves that it was taken, whatever the answer says.
  switch (notice->early_receipt ? Settled::Result::accepted : settled.result) {
    case Settled::Result::accepted:
      count_handed_over(now, *notice, settled.claimed_at);
      put_out_sent(now, *notice, settled);
      remove_notice(now, settled.ordinal);
      break;
    case Settled::Result::rejected:
      // What a gateway may have from an earlier attempt cannot be said to have failed.
      describe(now.put_out(notice->perhaps_sent ? OutcomeType::notice_unknown : OutcomeType::notice_failed, *notice),
               settled);
      report_unwarned(now, *notice);
      remove_notice(now, settled.ordinal);
      break;
    case Settled::Result::retry:
      if (settled.perhaps_taken && !notice->perhaps_sent) {
        // Said at once: the repeat may have to wait for a morning, or never go.
        notice->perhaps_sent = true;
        describe(now.put_out(OutcomeType::notice_unknown, *notice), settled);
      }
      shelve(now, *notice, settled.again_at);
      move_up_parked(now);
      break;
    case Settled::Result::unknown:
      describe(now.put_out(OutcomeType::notice_unknown, *notice), settled);
      count_handed_over(now, *notice, settled.claimed_at);
      notice->repeat_unreceipted = settled.then_repeat && !notice->perhaps_sent;
      notice->perhaps_sent = true;
      notice->state = NoticeState::unknown;
      notice->due_at = settled.again_at;
      move_up_parked(now);
      break;
  }
  // What came in while it was in flight could not end it then; now it can.
  reconcile(now);
}

Taken take_receipt(Situation& now, const CreditEvent& receipt) {
  AccountRecord& record = now.record;
  const ReceiptStatus status = *receipt.receipt;
  const NoticeId id(receipt.notice);
  const auto sent = std::ranges::find(record.sent, id, &SentNotice::id);
  if (sent != record.sent.end()) {
    if (status == ReceiptStatus::pending) return Taken::receipt_matched;
    put_out_delivery(now, *sent, status, receipt.gateway_id, receipt.detail);
    record.sent.erase(sent);
    now.effects.record_changed = true;
    return Taken::receipt_matched;
  }
  const auto pending = std::ranges::find_if(
      record.pending, [&](const PendingNotice& notice) { return notice_id(now.account, notice) == id; });
  if (pending == record.pending.end() || status == ReceiptStatus::pending) return Taken::receipt_unknown;
  const bool handed_over = pending->in_flight || pending->attempt > 0;
  if (!handed_over) return Taken::receipt_unknown;
  now.effects.record_changed = true;
  pending->early_receipt = status;
  if (pending->in_flight) return Taken::receipt_matched;
  // The receipt is the answer that the submission did not get, or that said otherwise.
  if (pending->state != NoticeState::unknown) count_handed_over(now, *pending, pending->attempted_at);
  pending->due_at = std::min(pending->due_at, pending->attempted_at);
  Settled answer{.ordinal = pending->ordinal,
                 .result = Settled::Result::accepted,
                 .claimed_at = pending->attempted_at,
                 .attempt = pending->attempt,
                 .gateway = receipt.gateway,
                 .gateway_id = receipt.gateway_id,
                 .reason = "gateway.receipt_answers"};
  put_out_sent(now, *pending, answer);
  remove_notice(now, answer.ordinal);
  return Taken::receipt_matched;
}

void end_unanswered(Situation& now) {
  for (std::size_t i = 0; i < now.record.pending.size();) {
    PendingNotice& notice = now.record.pending[i];
    // An owner that has lost its lease may see the record of the next one beside what it itself has in flight.
    if (notice.state != NoticeState::unknown || notice.in_flight || notice.due_at > now.now) {
      ++i;
    } else if (notice.repeat_unreceipted) {
      repeat(now, notice);
    } else {
      end_notice(now, notice.ordinal, OutcomeType::notice_unknown, "gateway.no_receipt");
      i = 0;
    }
  }
}

}  // namespace dun::policies
