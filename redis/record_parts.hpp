// The stored form of what the records of accounts and cases have in common. Internal to the codecs.
#pragma once

#include "domain/account_record.hpp"
#include "domain/case_record.hpp"
#include "redis/codec_parts.hpp"
#include "redis/record.pb.h"

#include <string>

namespace dun::redis {

/// As stored; what is in doubt and has a question is to be asked.
enum StoredState : std::uint32_t { stored_held, stored_parked, stored_unknown };

/// One direction of the record: knows the base of its instants and the episode that repeats in its notices.
class Packer {
 public:
  Packer(Instant base, const Episode& episode) : base_ms_(base.time_since_epoch().count()), episode_(episode) {}

  void pack(stored::CreditPosition& out, const CreditPosition& credit) const {
    out.set_state(static_cast<std::uint32_t>(credit.state));
    if (credit.balance) out.set_balance(credit.balance->micros());
    if (credit.credit_limit) out.set_credit_limit(credit.credit_limit->micros());
    out.set_currency(credit.currency);
    if (credit.due_at) out.set_due_at(since_base(*credit.due_at));
    if (credit.suspend_at) out.set_suspend_at(since_base(*credit.suspend_at));
    if (credit.exhausts_at) out.set_exhausts_at(since_base(*credit.exhausts_at));
    if (const std::int64_t as_of = since_base(credit.as_of); as_of != 0) out.set_as_of(as_of);
  }
  void pack(stored::Episode& out, const Episode& episode) const {
    out.set_key(episode.key);
    if (episode.opened_at != Instant()) out.set_opened_at(since_base(episode.opened_at));
    out.set_cause(episode.cause.str());
    if (episode.caused_at != Instant()) out.set_caused_at(since_base(episode.caused_at));
    if (episode.ladder_anchor) out.set_ladder_anchor(since_base(*episode.ladder_anchor));
    out.set_ladder_step(episode.ladder_step);
    out.set_repeat(episode.repeat);
    pack(out, episode.told);
  }
  /// Kinds as bits, and the dates of the one kind that has any; billing is told of nothing else.
  void pack(stored::Episode& out, const ToldFacts& told) const {
    constexpr auto warning = NoticeKind::suspension_warning;
    KindSet customer, manager;
    for (const ToldFact& fact : told.all()) {
      if (fact.to == Hearer::customer) customer.add(fact.kind);
      if (fact.to == Hearer::manager) manager.add(fact.kind);
    }
    out.set_told(customer.bits());
    out.set_tasked(manager.bits());
    if (const auto date = told.date(Hearer::billing, warning)) out.set_at_risk_for(since_base(*date));
    if (const auto date = told.date(Hearer::customer, warning)) out.set_warned_of(since_base(*date));
    if (const auto date = told.date(Hearer::manager, warning)) out.set_tasked_of(since_base(*date));
  }
  static void pack_state(stored::PendingNotice& out, const PendingNotice& notice) {
    if (is_parked(notice)) out.set_state(stored_parked);
    if (is_in_doubt(notice)) out.set_state(stored_unknown);
    if (const auto* doubt = std::get_if<AwaitingReceipt>(&notice.state)) out.set_repeat_unreceipted(doubt->then_repeat);
    const auto* doubt = std::get_if<ToBeAsked>(&notice.state);
    if (doubt == nullptr) return;
    out.set_repeat_unreceipted(doubt->then_repeat);
    stored::Question& question = *out.mutable_question();
    question.set_gateway(doubt->gateway);
    question.set_to(doubt->to);
    question.set_asked(doubt->asked);
  }
  void pack(stored::PendingNotice& out, const PendingNotice& notice) const {
    out.set_ordinal(notice.ordinal);
    out.set_generation(notice.generation);
    out.set_kind(static_cast<std::uint32_t>(notice.kind));
    out.set_step(notice.step);
    out.set_repeat(notice.repeat);
    pack_state(out, notice);
    if (notice.lane != Lane::normal) out.set_lane(static_cast<std::uint32_t>(notice.lane));
    if (notice.cause != episode_.cause) out.set_cause(notice.cause.str());
    if (notice.event_time != episode_.caused_at) out.set_event_time(since_base(notice.event_time));
    if (notice.decided_at != Instant()) out.set_decided_at(since_base(notice.decided_at));
    if (notice.wanted_at != Instant())
      out.set_wanted_at(difference(notice.wanted_at, notice.decided_at.time_since_epoch().count()));
    if (due_at(notice) != Instant()) out.set_due_at(since_base(due_at(notice)));
    out.set_attempt(notice.tried.attempts);
    out.set_gateway(notice.tried.gateway);
    if (notice.tried.last_at != Instant()) out.set_attempted_at(since_base(notice.tried.last_at));
    if (notice.tried.again_at)
      out.set_again_at(difference(*notice.tried.again_at, notice.tried.last_at.time_since_epoch().count()));
    if (notice.episode != episode_.key) out.set_episode(notice.episode);
    out.set_task(notice.task);
    if (notice.fact.amount) out.set_amount(notice.fact.amount->micros());
    out.set_currency(notice.fact.currency);
    out.set_product(notice.fact.product);
    out.set_reason(static_cast<std::uint32_t>(notice.fact.reason));
    if (notice.announced) out.set_announced(since_base(*notice.announced));
    for (const std::string& reason : notice.reasons) out.add_reasons(reason);
    out.set_perhaps_sent(notice.tried.perhaps_taken);
    if (notice.tried.early_receipt) out.set_early_receipt(static_cast<std::uint32_t>(*notice.tried.early_receipt));
  }
  void pack(stored::SentNotice& out, const SentNotice& sent) const {
    out.set_id(sent.id.str());
    out.set_kind(static_cast<std::uint32_t>(sent.kind));
    out.set_step(sent.step);
    if (sent.sent_at != Instant()) out.set_sent_at(since_base(sent.sent_at));
    out.set_gateway(sent.gateway);
    out.set_state(static_cast<std::uint32_t>(sent.state));
  }
  void pack(stored::Task& out, const HandedOver& task) const {
    out.set_ordinal(task.task);
    out.set_in_place_of(static_cast<std::uint32_t>(task.in_place_of));
    if (task.at != Instant()) out.set_opened_at(since_base(task.at));
    if (task.cause != episode_.cause) out.set_cause(task.cause.str());
  }
  void pack(stored::Task& out, const Task& task) const {
    out.set_ordinal(task.ordinal);
    out.set_state(static_cast<std::uint32_t>(task.state));
    out.set_in_place_of(static_cast<std::uint32_t>(task.in_place_of));
    out.set_manager(task.manager);
    if (task.opened_at != Instant()) out.set_opened_at(since_base(task.opened_at));
    if (task.episode != episode_.key) out.set_episode(task.episode);
    if (task.cause != episode_.cause) out.set_cause(task.cause.str());
  }
  [[nodiscard]] std::int64_t since_base(Instant instant) const { return difference(instant, base_ms_); }

 private:
  std::int64_t base_ms_;
  const Episode& episode_;
};

/// The other direction.
class Unpacker {
 public:
  Unpacker(Checker& check, const Episode& episode) : check_(check), episode_(episode) {}

  static CreditPosition unpack(const stored::CreditPosition& in, Checker& check) {
    CreditPosition credit;
    credit.state = check.choice("credit state", in.state(), CreditState::suspended);
    if (in.has_balance()) credit.balance = Amount::from_micros(in.balance());
    if (in.has_credit_limit()) credit.credit_limit = Amount::from_micros(in.credit_limit());
    credit.currency = in.currency();
    if (in.has_due_at()) credit.due_at = check.instant("due_at", in.due_at());
    if (in.has_suspend_at()) credit.suspend_at = check.instant("suspend_at", in.suspend_at());
    if (in.has_exhausts_at()) credit.exhausts_at = check.instant("exhausts_at", in.exhausts_at());
    credit.as_of = check.instant("as_of", in.as_of());
    return credit;
  }
  static Episode unpack(const stored::Episode& in, Checker& check) {
    Episode episode;
    episode.key = in.key();
    if (in.has_opened_at()) episode.opened_at = check.instant("opened_at", in.opened_at());
    episode.cause = EventId(in.cause());
    if (in.has_caused_at()) episode.caused_at = check.instant("caused_at", in.caused_at());
    if (in.has_ladder_anchor()) episode.ladder_anchor = check.instant("ladder_anchor", in.ladder_anchor());
    episode.ladder_step = in.ladder_step();
    episode.repeat = in.repeat();
    episode.told = unpack_told(in, check);
    return episode;
  }
  static ToldFacts unpack_told(const stored::Episode& in, Checker& check) {
    constexpr auto warning = NoticeKind::suspension_warning;
    ToldFacts told;
    const auto take = [&](Hearer to, KindSet kinds, std::optional<Instant> warned_of) {
      for (std::size_t i = 0; i < notice_kinds; ++i)
        if (const auto kind = static_cast<NoticeKind>(i); kinds.has(kind))
          told.tell(to, kind, kind == warning ? warned_of : std::nullopt);
    };
    const auto date = [&](bool has, std::string_view name, std::int64_t at) {
      return has ? std::optional(check.instant(name, at)) : std::nullopt;
    };
    take(Hearer::customer, KindSet(check.bits("told", in.told(), notice_kinds)),
         date(in.has_warned_of(), "warned_of", in.warned_of()));
    take(Hearer::manager, KindSet(check.bits("tasked", in.tasked(), notice_kinds)),
         date(in.has_tasked_of(), "tasked_of", in.tasked_of()));
    if (in.has_at_risk_for()) told.tell(Hearer::billing, warning, check.instant("at_risk_for", in.at_risk_for()));
    return told;
  }
  NoticeState unpack_state(const stored::PendingNotice& in) {
    const Instant due = in.has_due_at() ? check_.instant("notice due_at", in.due_at()) : Instant();
    switch (check_.choice("notice state", in.state(), stored_unknown)) {
      case stored_held:
        return Held{.due_at = due};
      case stored_parked:
        return Parked{.due_since = due};
      case stored_unknown:
        break;
    }
    if (!in.has_question()) return AwaitingReceipt{.until = due, .then_repeat = in.repeat_unreceipted()};
    const stored::Question& question = in.question();
    return ToBeAsked{.at = due,
                     .gateway = question.gateway(),
                     .to = question.to(),
                     .asked = question.asked(),
                     .then_repeat = in.repeat_unreceipted()};
  }
  PendingNotice unpack(const stored::PendingNotice& in) {
    PendingNotice notice;
    notice.ordinal = in.ordinal();
    notice.generation = in.generation();
    notice.kind = check_.choice("notice kind", in.kind(), NoticeKind::ops_alert);
    notice.step = in.step();
    notice.repeat = in.repeat();
    notice.state = unpack_state(in);
    if (in.has_lane()) notice.lane = check_.choice("lane", in.lane(), Lane::bulk);
    notice.cause = in.has_cause() ? EventId(in.cause()) : episode_.cause;
    notice.event_time = in.has_event_time() ? check_.instant("event_time", in.event_time()) : episode_.caused_at;
    if (in.has_decided_at()) notice.decided_at = check_.instant("decided_at", in.decided_at());
    if (in.has_wanted_at())
      notice.wanted_at = check_.instant("wanted_at", in.wanted_at(), notice.decided_at.time_since_epoch().count());
    notice.tried.attempts = in.attempt();
    notice.tried.gateway = in.gateway();
    if (in.has_attempted_at()) notice.tried.last_at = check_.instant("attempted_at", in.attempted_at());
    if (in.has_again_at())
      notice.tried.again_at =
          check_.instant("again_at", in.again_at(), notice.tried.last_at.time_since_epoch().count());
    notice.episode = in.has_episode() ? in.episode() : episode_.key;
    notice.task = in.task();
    if (in.has_amount()) notice.fact.amount = Amount::from_micros(in.amount());
    notice.fact.currency = in.currency();
    notice.fact.product = in.product();
    notice.fact.reason = check_.choice("reason of a suspension", in.reason(), SuspensionReason::other);
    if (in.has_announced()) notice.announced = check_.instant("announced", in.announced());
    notice.reasons.assign(in.reasons().begin(), in.reasons().end());
    notice.tried.perhaps_taken = in.perhaps_sent();
    if (in.has_early_receipt())
      notice.tried.early_receipt = check_.choice("early receipt", in.early_receipt(), ReceiptStatus::pending);
    return notice;
  }
  SentNotice unpack(const stored::SentNotice& in) {
    SentNotice sent;
    sent.id = NoticeId(in.id());
    sent.kind = check_.choice("kind of a sent notice", in.kind(), NoticeKind::ops_alert);
    sent.step = in.step();
    if (in.has_sent_at()) sent.sent_at = check_.instant("sent_at", in.sent_at());
    sent.gateway = in.gateway();
    sent.state = check_.choice("state of a sent notice", in.state(), SentState::refused);
    return sent;
  }
  HandedOver unpack_handed_over(const stored::Task& in) {
    const Task task = unpack(in);
    return {.task = task.ordinal, .in_place_of = task.in_place_of, .at = task.opened_at, .cause = task.cause};
  }
  Task unpack(const stored::Task& in) {
    Task task;
    task.ordinal = in.ordinal();
    task.state = check_.choice("task state", in.state(), TaskState::acknowledged);
    task.in_place_of = check_.choice("kind a task stands for", in.in_place_of(), NoticeKind::ops_alert);
    task.manager = in.manager();
    if (in.has_opened_at()) task.opened_at = check_.instant("task opened_at", in.opened_at());
    task.episode = in.has_episode() ? in.episode() : episode_.key;
    task.cause = in.has_cause() ? EventId(in.cause()) : episode_.cause;
    return task;
  }

 private:
  Checker& check_;
  const Episode& episode_;
};

}  // namespace dun::redis
