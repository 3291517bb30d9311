#include "redis/codec.hpp"

#include "base/assert.hpp"
#include "redis/codec_parts.hpp"
#include "redis/record.pb.h"

#include <charconv>

namespace dun::redis {
namespace {

/// As stored; what is in doubt and has a question is to be asked.
enum StoredState : std::uint32_t { stored_held, stored_parked, stored_unknown };

constexpr std::size_t seen_bytes = 6;

/// The digits of an E.164 number as a number; 0 where they would not come back as the same text.
std::uint64_t msisdn_number(std::string_view text) {
  if (text.size() < 2 || text.size() > 16 || text[0] != '+' || text[1] == '0') return 0;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

void pack(stored::Profile& out, const Profile& profile) {
  if (const std::uint64_t number = msisdn_number(profile.msisdn); number != 0)
    out.set_msisdn_number(number);
  else
    out.set_msisdn_text(profile.msisdn);
  out.set_zone(profile.zone);
  out.set_lang(profile.lang);
  out.set_brand(profile.brand);
  out.set_segment(profile.segment);
  out.set_manager(profile.manager);
  out.set_email(profile.email);
  out.set_channels(profile.channels);
  out.set_credit_level(profile.credit_level);
  out.set_opt_in(profile.opt_in.bits());
  out.set_opt_out(profile.opt_out.bits());
}

Profile unpack(const stored::Profile& in, Checker& check) {
  Profile profile;
  profile.msisdn = in.msisdn_number() != 0 ? "+" + std::to_string(in.msisdn_number()) : in.msisdn_text();
  profile.zone = in.zone();
  profile.lang = in.lang();
  profile.brand = in.brand();
  profile.segment = in.segment();
  profile.manager = in.manager();
  profile.email = in.email();
  profile.channels = in.channels();
  profile.credit_level = in.credit_level();
  profile.opt_in = KindSet(check.bits("opt_in", in.opt_in(), notice_kinds));
  profile.opt_out = KindSet(check.bits("opt_out", in.opt_out(), notice_kinds));
  return profile;
}

/// One direction of the record: knows the base of its instants and the episode that repeats in its notices.
class Packer {
 public:
  explicit Packer(const AccountRecord& record)
      : base_ms_(record.last_time.time_since_epoch().count()), episode_(record.episode) {}

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
    out.set_told(episode.told.bits());
    out.set_tasked(episode.tasked.bits());
    if (episode.at_risk_for) out.set_at_risk_for(since_base(*episode.at_risk_for));
    if (episode.warned_of) out.set_warned_of(since_base(*episode.warned_of));
    if (episode.tasked_of) out.set_tasked_of(since_base(*episode.tasked_of));
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
    out.set_attempt(notice.attempt);
    if (notice.attempted_at != Instant()) out.set_attempted_at(since_base(notice.attempted_at));
    if (notice.again_at) out.set_again_at(difference(*notice.again_at, notice.attempted_at.time_since_epoch().count()));
    if (notice.episode != episode_.key) out.set_episode(notice.episode);
    out.set_task(notice.task);
    if (notice.amount) out.set_amount(notice.amount->micros());
    out.set_currency(notice.currency);
    out.set_product(notice.product);
    out.set_reason(static_cast<std::uint32_t>(notice.reason));
    if (notice.announced) out.set_announced(since_base(*notice.announced));
    for (const std::string& reason : notice.reasons) out.add_reasons(reason);
    out.set_perhaps_sent(notice.perhaps_taken);
    if (notice.early_receipt) out.set_early_receipt(static_cast<std::uint32_t>(*notice.early_receipt));
  }
  void pack(stored::SentNotice& out, const SentNotice& sent) const {
    out.set_id(sent.id.str());
    out.set_kind(static_cast<std::uint32_t>(sent.kind));
    out.set_step(sent.step);
    if (sent.sent_at != Instant()) out.set_sent_at(since_base(sent.sent_at));
    out.set_gateway(sent.gateway);
    out.set_state(static_cast<std::uint32_t>(sent.state));
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
    episode.told = KindSet(check.bits("told", in.told(), notice_kinds));
    episode.tasked = KindSet(check.bits("tasked", in.tasked(), notice_kinds));
    if (in.has_at_risk_for()) episode.at_risk_for = check.instant("at_risk_for", in.at_risk_for());
    if (in.has_warned_of()) episode.warned_of = check.instant("warned_of", in.warned_of());
    if (in.has_tasked_of()) episode.tasked_of = check.instant("tasked_of", in.tasked_of());
    return episode;
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
    notice.attempt = in.attempt();
    if (in.has_attempted_at()) notice.attempted_at = check_.instant("attempted_at", in.attempted_at());
    if (in.has_again_at())
      notice.again_at = check_.instant("again_at", in.again_at(), notice.attempted_at.time_since_epoch().count());
    notice.episode = in.has_episode() ? in.episode() : episode_.key;
    notice.task = in.task();
    if (in.has_amount()) notice.amount = Amount::from_micros(in.amount());
    notice.currency = in.currency();
    notice.product = in.product();
    notice.reason = check_.choice("reason of a suspension", in.reason(), SuspensionReason::other);
    if (in.has_announced()) notice.announced = check_.instant("announced", in.announced());
    notice.reasons.assign(in.reasons().begin(), in.reasons().end());
    notice.perhaps_taken = in.perhaps_sent();
    if (in.has_early_receipt())
      notice.early_receipt = check_.choice("early receipt", in.early_receipt(), ReceiptStatus::pending);
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

std::string pack_seen(const std::vector<std::uint64_t>& seen) {
  std::string bytes;
  bytes.reserve(seen.size() * seen_bytes);
  for (const std::uint64_t number : seen) {
    DUN_ASSERT(number >> 48 == 0);
    for (int shift = 40; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xff);
  }
  return bytes;
}

std::vector<std::uint64_t> unpack_seen(std::string_view bytes, Checker& check) {
  if (bytes.size() % seen_bytes != 0) check.fail("seen");
  std::vector<std::uint64_t> seen(bytes.size() / seen_bytes);
  for (std::size_t i = 0; i < seen.size() * seen_bytes; ++i)
    seen[i / seen_bytes] = seen[i / seen_bytes] << 8 | static_cast<unsigned char>(bytes[i]);
  return seen;
}

}  // namespace

std::string encode(const AccountRecord& record) {
  const Packer packer(record);
  stored::AccountRecord out;
  out.set_last_time(record.last_time.time_since_epoch().count());
  if (record.profile != Profile()) pack(*out.mutable_profile(), record.profile);
  // Where nothing but its time is known, that of the record says as much.
  if (record.credit != CreditPosition{.as_of = record.last_time}) packer.pack(*out.mutable_credit(), record.credit);
  out.set_service(static_cast<std::uint32_t>(record.service));
  if (record.episode != Episode()) packer.pack(*out.mutable_episode(), record.episode);
  for (const PendingNotice& notice : record.pending) packer.pack(*out.add_pending(), notice);
  for (const SentNotice& sent : record.sent) packer.pack(*out.add_sent(), sent);
  if (record.task) packer.pack(*out.mutable_task(), *record.task);
  for (const Instant instant : record.dunned) out.add_dunned(packer.since_base(instant));
  out.set_ordinals(record.ordinals);
  if (record.wake_at) out.set_wake_at(packer.since_base(*record.wake_at));
  out.set_seen(pack_seen(record.seen));
  if (record.seqs.size() == 1 && record.seqs.front().source == 0) {
    out.set_last_seq(record.seqs.front().seq);
  } else {
    for (const SourceSeq& seq : record.seqs) {
      stored::SourceSeq& each = *out.add_seqs();
      each.set_source(seq.source);
      each.set_seq(seq.seq);
    }
  }
  out.set_last_source(record.last_source);
  if (record.profile_time) out.set_profile_time(packer.since_base(*record.profile_time));
  if (record.hold_time) out.set_hold_time(packer.since_base(*record.hold_time));
  out.set_closed(record.closed);
  if (record.dispute_until) out.set_dispute_until(packer.since_base(*record.dispute_until));
  if (record.promise_until) out.set_promise_until(packer.since_base(*record.promise_until));
  return out.SerializeAsString();
}

Decoded<AccountRecord> decode_record(std::string_view bytes) {
  stored::AccountRecord in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return std::unexpected<std::string>("not an account record");
  Checker check(in.last_time());
  AccountRecord record;
  record.last_time = check.instant("last_time", 0);
  record.profile = unpack(in.profile(), check);
  record.credit = Unpacker::unpack(in.credit(), check);
  record.service = check.choice("service", in.service(), ServiceState::stopped_otherwise);
  record.episode = Unpacker::unpack(in.episode(), check);
  Unpacker unpacker(check, record.episode);
  for (const auto& notice : in.pending()) record.pending.push_back(unpacker.unpack(notice));
  for (const auto& sent : in.sent()) record.sent.push_back(unpacker.unpack(sent));
  if (in.has_task()) record.task = unpacker.unpack(in.task());
  for (const std::int64_t dunned : in.dunned()) record.dunned.push_back(check.instant("dunned", dunned));
  record.ordinals = in.ordinals();
  if (in.has_wake_at()) record.wake_at = check.instant("wake_at", in.wake_at());
  record.seen = unpack_seen(in.seen(), check);
  if (in.has_last_seq()) record.seqs.push_back({.source = 0, .seq = in.last_seq()});
  for (const auto& seq : in.seqs()) record.seqs.push_back({.source = seq.source(), .seq = seq.seq()});
  record.last_source = in.last_source();
  if (in.has_profile_time()) record.profile_time = check.instant("profile_time", in.profile_time());
  if (in.has_hold_time()) record.hold_time = check.instant("hold_time", in.hold_time());
  record.closed = in.closed();
  if (in.has_dispute_until()) record.dispute_until = check.instant("dispute_until", in.dispute_until());
  if (in.has_promise_until()) record.promise_until = check.instant("promise_until", in.promise_until());
  if (!check.problem().empty()) return std::unexpected("account record: " + check.problem());
  return record;
}

}  // namespace dun::redis
