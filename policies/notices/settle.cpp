#include "policies/notices/settle.hpp"

#include "base/assert.hpp"
#include "policies/notices/notices.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

void put_out_delivery(Desk& now, const SentNotice& sent, ReceiptStatus status, const std::string& gateway_id,
                      const std::string& detail, Instant at) {
  const bool delivered = status == ReceiptStatus::delivered;
  Outcome& outcome = now.put_out(delivered ? OutcomeType::notice_delivered : OutcomeType::notice_failed);
  outcome.at = std::clamp(at, std::min(sent.sent_at, now.now), now.now);
  outcome.notice = sent.id;
  outcome.kind = sent.kind;
  outcome.step = sent.step;
  outcome.channel = to_text(Channel::sms);
  outcome.cause = EventId();
  outcome.sent_at = sent.sent_at;
  outcome.client_ref = sent.id.str();
  outcome.gateway = sent.gateway;
  outcome.gateway_id = gateway_id;
  outcome.detail = detail;
  if (!delivered) outcome.reasons = {"gateway.undelivered"};
}

/// What is said of an attempt that has been answered.
struct Said {
  const Attempt& attempt;
  std::string detail, reason, gateway_id;
  /// The answer to a question or a receipt does not bring the text along; the first `notice.unknown` has it.
  const Submission* message = nullptr;
};

void describe(Outcome& outcome, const Said& said) {
  outcome.sent_at = said.attempt.claimed_at;
  outcome.to = said.attempt.to;
  if (said.message != nullptr && !said.message->text.empty()) {
    outcome.text = said.message->text;
    outcome.parts = said.message->parts;
    outcome.encoding = said.message->encoding;
  }
  outcome.gateway = said.attempt.gateway;
  outcome.gateway_id = said.gateway_id;
  outcome.attempt = said.attempt.number;
  outcome.detail = said.detail;
  if (!said.reason.empty()) outcome.reasons.push_back(said.reason);
}

SentNotice sent_by(const Desk& now, const PendingNotice& notice, const Attempt& attempt, SentState state) {
  SentNotice sent = sent_notice(now.account, notice, state);
  sent.sent_at = attempt.claimed_at;
  sent.gateway = attempt.gateway;
  return sent;
}

void end_as_sent(Desk& now, const PendingNotice& notice, const Said& said) {
  describe(now.put_out(OutcomeType::notice_sent, notice), said);
  SentNotice sent = sent_by(now, notice, said.attempt, SentState::taken);
  if (notice.tried.early_receipt)
    put_out_delivery(now, sent, *notice.tried.early_receipt, said.gateway_id, {}, now.now);
  // That it failed may be followed by that it has arrived (S40).
  if (notice.tried.early_receipt) sent.state = SentState::refused;
  if (notice.tried.early_receipt != ReceiptStatus::delivered) remember_sent(now, std::move(sent));
  remove_notice(now, said.attempt.ordinal);
}

/// It ends here without having been taken, as far as the gateway says; its receipt would say otherwise.
void end_as_refused(Desk& now, const PendingNotice& notice, const Attempt& attempt) {
  remember_sent(now,
                sent_by(now, notice, attempt, notice.tried.perhaps_taken ? SentState::in_doubt : SentState::refused));
  remove_notice(now, attempt.ordinal);
}

/// One more attempt, decided again when its turn comes: what was paid meanwhile is not repeated.
void repeat(Desk& now, PendingNotice& notice) {
  now.uncount(notice);
  notice.reasons.emplace_back("gateway.no_receipt");
  shelve(now, notice, now.now);
}

/// Waits for its receipt, or for the answer to the next question after so many.
void leave_in_doubt(Desk& now, PendingNotice& notice, const Attempt& attempt, int asked, const InDoubt& doubt) {
  if (doubt.ask) {
    notice.state =
        ToBeAsked{.gateway = attempt.gateway, .to = attempt.to, .asked = asked, .then_repeat = doubt.then_repeat};
    shelve_question(now, notice, doubt.until);
  } else {
    notice.state = AwaitingReceipt{.until = doubt.until, .then_repeat = doubt.then_repeat};
  }
  move_up_parked(now);
}

void shelve_repeat(Desk& now, PendingNotice& notice, Instant at) {
  notice.tried.again_at = at;
  shelve(now, notice, at);
  move_up_parked(now);
}

/// What the gateway says of an attempt that it did not answer is that answer at last, if it says anything.
struct QuestionAnswered {
  Desk& now;
  PendingNotice& notice;
  const Question& question;
  Said said;

  void operator()(const Accepted& accepted) {
    said.gateway_id = accepted.gateway_id;
    end_as_sent(now, notice, said);
  }
  void operator()(const Rejected&) const {
    now.uncount(notice);
    describe(now.put_out(OutcomeType::notice_failed, notice), said);
    now.ended_untold(notice);
    notice.tried.perhaps_taken = false;
    end_as_refused(now, notice, said.attempt);
  }
  void operator()(const ToRepeat& repeat) const {
    now.uncount(notice);
    notice.tried.perhaps_taken = false;
    notice.reasons.push_back(said.reason);
    shelve_repeat(now, notice, repeat.at);
  }
  void operator()(InDoubt doubt) const {
    if (!doubt.ask) notice.reasons.push_back(said.reason);
    // Whether it is repeated in the end was decided when its answer stayed unknown.
    const auto* asked = std::get_if<ToBeAsked>(&notice.state);
    doubt.then_repeat = asked != nullptr && asked->then_repeat;
    leave_in_doubt(now, notice, said.attempt, question.number, doubt);
  }
};

struct SubmissionAnswered {
  Desk& now;
  PendingNotice& notice;
  Said said;
  bool again;  ///< a gateway may have it from an earlier attempt

  void operator()(const Accepted& accepted) {
    now.count_told(notice.kind, notice.tried.last_at);
    said.gateway_id = accepted.gateway_id;
    end_as_sent(now, notice, said);
  }
  void operator()(const Rejected&) const {
    if (again) now.count_told(notice.kind, notice.tried.last_at);
    // What a gateway may have from an earlier attempt cannot be said to have failed.
    describe(now.put_out(again ? OutcomeType::notice_unknown : OutcomeType::notice_failed, notice), said);
    now.ended_untold(notice);
    end_as_refused(now, notice, said.attempt);
  }
  void operator()(const ToRepeat& repeat) const {
    if (repeat.perhaps_taken && !again) {
      // Said at once: the repeat may have to wait for a morning, or never go.
      notice.tried.perhaps_taken = true;
      describe(now.put_out(OutcomeType::notice_unknown, notice), said);
    }
    if (notice.tried.perhaps_taken) now.count_told(notice.kind, notice.tried.last_at);
    shelve_repeat(now, notice, repeat.at);
  }
  void operator()(InDoubt doubt) const {
    describe(now.put_out(OutcomeType::notice_unknown, notice), said);
    now.count_told(notice.kind, notice.tried.last_at);
    doubt.then_repeat = doubt.then_repeat && !again;
    notice.tried.perhaps_taken = true;
    leave_in_doubt(now, notice, said.attempt, 0, doubt);
  }
};

/// That it has arrived is the last word, in whatever order receipts and answers come (S40).
void note_receipt(PendingNotice& notice, ReceiptStatus status) {
  if (notice.tried.early_receipt != ReceiptStatus::delivered) notice.tried.early_receipt = status;
}

/// A receipt proves that it was taken, whatever the answer says.
Verdict with_receipt(const PendingNotice& notice, const Verdict& verdict) {
  if (!notice.tried.early_receipt || std::holds_alternative<Accepted>(verdict)) return verdict;
  return Accepted{};
}

void settle_errand(Desk& now, PendingNotice& notice, const Settled& settled, const Question& question) {
  Attempt attempt = settled.attempt;
  attempt.claimed_at = notice.tried.last_at;  // the message was handed over then
  const std::string reason = notice.tried.early_receipt ? "gateway.receipt_answers" : settled.reason;
  if (const auto* accepted = std::get_if<Accepted>(&settled.verdict); accepted != nullptr && accepted->receipt)
    note_receipt(notice, *accepted->receipt);
  std::visit(QuestionAnswered{.now = now,
                              .notice = notice,
                              .question = question,
                              .said = {.attempt = attempt, .detail = settled.detail, .reason = reason}},
             with_receipt(notice, settled.verdict));
}

void settle_errand(Desk& now, PendingNotice& notice, const Settled& settled, const Submission& message) {
  const Attempt& attempt = settled.attempt;
  // A message that was perhaps told twice was told once, when it was told last.
  const bool again = notice.tried.perhaps_taken;
  if (again) now.uncount(notice);
  notice.tried.attempts = attempt.number;
  notice.tried.gateway = attempt.gateway;
  // Told last is by the calendar: a clock that was set back since does not make it of a day that is over.
  notice.tried.last_at = again ? std::max(notice.tried.last_at, attempt.claimed_at) : attempt.claimed_at;
  std::visit(
      SubmissionAnswered{
          .now = now,
          .notice = notice,
          .said = {.attempt = attempt, .detail = settled.detail, .reason = settled.reason, .message = &message},
          .again = again},
      with_receipt(notice, settled.verdict));
}

}  // namespace

void settle(Desk& now, const Settled& settled) {
  PendingNotice* notice = find_notice(now.book, settled.attempt.ordinal);
  DUN_ASSERT(notice != nullptr);
  now.effects.record_changed = true;
  notice->in_flight = false;
  std::visit([&](const auto& errand) { settle_errand(now, *notice, settled, errand); }, settled.errand);
}

namespace {

/// A receipt that comes over the path of one gateway says nothing of what another one has.
bool is_of_its_gateway(const CreditEvent& receipt, const std::string& gateway) {
  return receipt.gateway.empty() || gateway.empty() || receipt.gateway == gateway;
}

/// The receipt of a notice that has ended: it may have ended as refused, or in doubt.
Taken take_late_receipt(Desk& now, const CreditEvent& receipt, std::vector<SentNotice>::iterator sent) {
  const ReceiptStatus status = *receipt.receipt;
  if (!is_of_its_gateway(receipt, sent->gateway)) return Taken::receipt_unknown;
  if (status == ReceiptStatus::pending) return Taken::receipt_matched;
  const bool delivered = status == ReceiptStatus::delivered;
  // That what was refused has not arrived is no news.
  if (sent->state == SentState::refused && !delivered) return Taken::receipt_matched;
  now.effects.record_changed = true;
  put_out_delivery(now, *sent, status, receipt.gateway_id, receipt.detail, receipt.time);
  if (!delivered) {
    // Kept, as refused: that it arrived after all may follow, and is the last word (S40).
    sent->state = SentState::refused;
    return Taken::receipt_matched;
  }
  const SentNotice known = std::move(*sent);
  now.book.sent.erase(sent);
  // What failed on its way was counted when it was taken.
  if (known.state == SentState::refused) now.count_told(known.kind, known.sent_at);
  return Taken::receipt_matched;
}

}  // namespace

Taken take_receipt(Desk& now, const CreditEvent& receipt) {
  NoticeBook& book = now.book;
  const ReceiptStatus status = *receipt.receipt;
  const NoticeId id(receipt.notice);
  const auto sent = std::ranges::find(book.sent, id, &SentNotice::id);
  if (sent != book.sent.end()) return take_late_receipt(now, receipt, sent);
  const auto pending = std::ranges::find_if(
      book.pending, [&](const PendingNotice& notice) { return notice_id(now.account, notice) == id; });
  if (pending == book.pending.end() || status == ReceiptStatus::pending) return Taken::receipt_unknown;
  if (!is_of_its_gateway(receipt, pending->tried.gateway)) return Taken::receipt_unknown;
  // What has arrived was handed over, whatever was answered: a gateway that took nothing at the time leaves no trace in
  // the record, and receipts are for references that only a gateway has got.
  const bool handed_over = pending->in_flight || pending->tried.attempts > 0 || status == ReceiptStatus::delivered;
  if (!handed_over) return Taken::receipt_unknown;
  now.effects.record_changed = true;
  note_receipt(*pending, status);
  if (pending->in_flight) return Taken::receipt_matched;
  if (pending->tried.attempts == 0) pending->tried.last_at = std::min(receipt.time, now.now);
  end_by_receipt(now, *pending, receipt.gateway, receipt.gateway_id);
  return Taken::receipt_matched;
}

void end_by_receipt(Desk& now, PendingNotice& notice, std::string gateway, std::string gateway_id) {
  // The receipt is the answer that the submission did not get, or that said otherwise.
  now.effects.record_changed = true;
  now.uncount(notice);
  now.count_told(notice.kind, notice.tried.last_at);
  notice.state = Held{.due_at = std::min(due_at(notice), notice.tried.last_at)};
  const Attempt attempt{.ordinal = notice.ordinal,
                        .claimed_at = notice.tried.last_at,
                        .number = std::max(notice.tried.attempts, 1),
                        .gateway = std::move(gateway)};
  end_as_sent(now, notice,
              {.attempt = attempt, .reason = "gateway.receipt_answers", .gateway_id = std::move(gateway_id)});
}

void end_doubts(Desk& now) {
  for (std::size_t i = 0; i < now.book.pending.size();) {
    PendingNotice& notice = now.book.pending[i];
    // An owner that has lost its lease may see the record of the next one beside what it itself has in flight.
    const auto* doubt = std::get_if<AwaitingReceipt>(&notice.state);
    if (doubt == nullptr || notice.in_flight || doubt->until > now.now) {
      ++i;
    } else if (doubt->then_repeat) {
      repeat(now, notice);
    } else {
      end_notice(now, notice.ordinal, OutcomeType::notice_unknown, "gateway.no_receipt");
      i = 0;
    }
  }
}

}  // namespace dun::policies
