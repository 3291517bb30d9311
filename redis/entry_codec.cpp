// Everything stored that is not an account record.
#include "domain/case_record.hpp"
#include "domain/credit_event.hpp"
#include "redis/codec.hpp"
#include "redis/codec_parts.hpp"
#include "redis/record.pb.h"

namespace dun::redis {
namespace {

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
void put_zigzag(std::string& out, std::int64_t value) {
  put_varint(out, static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}
std::optional<std::uint32_t> take_varint32(std::string_view& bytes) {
  const auto value = take_varint(bytes);
  if (!value || *value >> 32 != 0) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}
std::optional<std::int64_t> take_zigzag(std::string_view& bytes) {
  const auto value = take_varint(bytes);
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(*value >> 1 ^ (~(*value & 1) + 1));
}

/// In front of a zero byte, behind which a later version may have put more.
std::string_view before_zero(std::string_view bytes) {
  return bytes.substr(0, bytes.find('\0'));
}

/// An account, or a case that has notices.
bool is_subject(const std::string& id) {
  const auto account = account_of(Subject(id));
  return account && is_account_id(account->str());
}

/// Of a key that may name any second or minute: past the ends of time it goes round, and never is undefined.
template <typename Unit>
std::int64_t to_millis(date::sys_time<Unit> time) {
  constexpr auto unit_ms = static_cast<std::uint64_t>(Millis(Unit(1)).count());
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.time_since_epoch().count()) * unit_ms);
}
constexpr std::int64_t day_ms = 86'400'000;

void pack(stored::Outcome& out, const Outcome& outcome, std::int64_t base_ms, const std::string& policy) {
  const auto since_base = [&](Instant instant) { return difference(instant, base_ms); };
  out.set_at(since_base(outcome.at));
  out.set_type(static_cast<std::uint32_t>(outcome.type));
  out.set_account(outcome.account.str());
  out.set_notice(outcome.notice.str());
  out.set_task(outcome.task.str());
  if (outcome.kind) out.set_kind(static_cast<std::uint32_t>(*outcome.kind));
  out.set_step(outcome.step);
  out.set_channel(outcome.channel);
  out.set_touchpoint(outcome.touchpoint);
  out.set_cause(outcome.cause.str());
  if (outcome.event_time) out.set_event_time(since_base(*outcome.event_time));
  if (outcome.decided_at) out.set_decided_at(since_base(*outcome.decided_at));
  if (outcome.due_at) out.set_due_at(since_base(*outcome.due_at));
  if (outcome.sent_at) out.set_sent_at(since_base(*outcome.sent_at));
  out.set_to(outcome.to);
  out.set_text(outcome.text);
  out.set_parts(outcome.parts);
  if (outcome.encoding) out.set_encoding(static_cast<std::uint32_t>(*outcome.encoding));
  out.set_gateway(outcome.gateway);
  out.set_attempt(outcome.attempt);
  const std::string& notice = outcome.notice.str();
  if (!notice.empty() && outcome.client_ref.size() > notice.size() && outcome.client_ref.starts_with(notice))
    out.set_ref_tag(outcome.client_ref.substr(notice.size()));
  else if (outcome.client_ref != (outcome.attempt != 0 ? notice : ""))
    out.set_client_ref(outcome.client_ref);
  out.set_gateway_id(outcome.gateway_id);
  for (const std::string& reason : outcome.reasons) out.add_reasons(reason);
  if (outcome.policy != policy) out.set_policy(outcome.policy);
  out.set_manager(outcome.manager);
  out.set_detail(outcome.detail);
  out.set_field(outcome.field);
  out.set_event_type(outcome.event_type);
}

Outcome unpack(const stored::Outcome& in, Checker& check, const std::string& policy) {
  Outcome outcome;
  outcome.at = check.instant("at", in.at());
  outcome.type = check.choice("type", in.type(), OutcomeType::event_conflict);
  outcome.account = AccountId(in.account());
  outcome.notice = NoticeId(in.notice());
  outcome.task = TaskId(in.task());
  if (in.has_kind()) outcome.kind = check.choice("kind", in.kind(), NoticeKind::ops_alert);
  outcome.step = in.step();
  outcome.channel = in.channel();
  outcome.touchpoint = in.touchpoint();
  outcome.cause = EventId(in.cause());
  if (in.has_event_time()) outcome.event_time = check.instant("event_time", in.event_time());
  if (in.has_decided_at()) outcome.decided_at = check.instant("decided_at", in.decided_at());
  if (in.has_due_at()) outcome.due_at = check.instant("due_at", in.due_at());
  if (in.has_sent_at()) outcome.sent_at = check.instant("sent_at", in.sent_at());
  outcome.to = in.to();
  outcome.text = in.text();
  outcome.parts = in.parts();
  if (in.has_encoding()) outcome.encoding = check.choice("encoding", in.encoding(), Encoding::ucs2);
  outcome.gateway = in.gateway();
  outcome.attempt = in.attempt();
  outcome.client_ref = in.has_client_ref() ? in.client_ref() : in.attempt() != 0 ? in.notice() : "";
  if (in.has_ref_tag()) outcome.client_ref = in.notice() + in.ref_tag();
  outcome.gateway_id = in.gateway_id();
  outcome.reasons.assign(in.reasons().begin(), in.reasons().end());
  outcome.policy = in.has_policy() ? in.policy() : policy;
  outcome.manager = in.manager();
  outcome.detail = in.detail();
  outcome.field = in.field();
  outcome.event_type = in.event_type();
  return outcome;
}

void pack(stored::InFlight& out, const Submission& message, std::int64_t base_ms) {
  out.set_text(message.text);
  out.set_encoding(static_cast<std::uint32_t>(message.encoding));
  out.set_parts(message.parts);
  if (message.valid_until != Instant()) out.set_valid_until(difference(message.valid_until, base_ms));
}

/// A question is stored as it always was: as a message of one part that is valid for a day, with its number.
void pack(stored::InFlight& out, const Question& question, std::int64_t base_ms) {
  out.set_parts(1);
  out.set_valid_until(day_ms);
  out.set_question(question.number);
  if (question.submitted_at != Instant()) out.set_submitted_at(difference(question.submitted_at, base_ms));
}

Errand unpack_errand(const stored::InFlight& in, Checker& check) {
  if (in.question() > 0) {
    Question question{.number = in.question()};
    if (in.has_submitted_at()) question.submitted_at = check.instant("submitted_at", in.submitted_at());
    return question;
  }
  Submission message{
      .text = in.text(), .encoding = check.choice("encoding", in.encoding(), Encoding::ucs2), .parts = in.parts()};
  if (in.has_valid_until()) message.valid_until = check.instant("valid_until", in.valid_until());
  return message;
}

}  // namespace

std::string encode(const scheduler::InFlight& entry) {
  const std::int64_t base_ms = entry.claimed_at.time_since_epoch().count();
  stored::InFlight out;
  out.set_claimed_at(base_ms);
  out.set_account(entry.subject.str());
  out.set_ordinal(entry.ordinal);
  out.set_notice(entry.notice.str());
  out.set_kind(static_cast<std::uint32_t>(entry.kind));
  out.set_step(entry.step);
  out.set_lane(static_cast<std::uint32_t>(entry.shelf.lane));
  out.set_shelf_at(entry.shelf.at.time_since_epoch().count());
  if (entry.decided_at != Instant()) out.set_decided_at(difference(entry.decided_at, base_ms));
  out.set_attempt(entry.attempt);
  out.set_gateway(entry.gateway);
  out.set_to(entry.to);
  std::visit([&](const auto& errand) { pack(out, errand, base_ms); }, entry.errand);
  return out.SerializeAsString();
}

Decoded<scheduler::InFlight> decode_in_flight(std::string_view bytes) {
  stored::InFlight in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return std::unexpected<std::string>("not an in-flight entry");
  Checker check(in.claimed_at());
  scheduler::InFlight entry;
  entry.claimed_at = check.instant("claimed_at", 0);
  entry.subject = Subject(in.account());
  entry.ordinal = in.ordinal();
  entry.notice = NoticeId(in.notice());
  entry.kind = check.choice("kind", in.kind(), NoticeKind::ops_alert);
  entry.step = in.step();
  entry.shelf.lane = check.choice("lane", in.lane(), Lane::bulk);
  entry.shelf.at = scheduler::ShelfSecond(Seconds(in.shelf_at()));
  if (in.has_decided_at()) entry.decided_at = check.instant("decided_at", in.decided_at());
  entry.attempt = in.attempt();
  entry.gateway = in.gateway();
  entry.to = in.to();
  entry.errand = unpack_errand(in, check);
  if (!is_subject(in.account())) check.fail("account");
  if (!check.problem().empty()) return std::unexpected("in-flight entry: " + check.problem());
  return entry;
}

std::string encode_journal(Instant at, std::span<const Outcome> outcomes) {
  stored::JournalEntry out;
  out.set_at(at.time_since_epoch().count());
  const std::string policy = outcomes.empty() ? "" : outcomes.front().policy;
  out.set_policy(policy);
  for (const Outcome& outcome : outcomes) pack(*out.add_outcomes(), outcome, out.at(), policy);
  return out.SerializeAsString();
}

Decoded<std::vector<Outcome>> decode_journal(std::string_view bytes) {
  stored::JournalEntry in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return std::unexpected<std::string>("not a journal entry");
  Checker check(in.at());
  std::vector<Outcome> outcomes;
  outcomes.reserve(static_cast<std::size_t>(in.outcomes_size()));
  for (const auto& outcome : in.outcomes()) outcomes.push_back(unpack(outcome, check, in.policy()));
  if (!check.problem().empty()) return std::unexpected("journal entry: " + check.problem());
  return outcomes;
}

std::string encode(const scheduler::ShelfEntry& entry, const scheduler::ShelfKey& shelf) {
  std::string out;
  put_varint(out, entry.ordinal);
  put_varint(out, entry.generation);
  put_zigzag(out, difference(entry.decided_at, to_millis(shelf.at)));
  return out + entry.subject.str();
}

Decoded<scheduler::ShelfEntry> decode_shelf_entry(std::string_view bytes, const scheduler::ShelfKey& shelf) {
  const auto ordinal = take_varint32(bytes);
  const auto generation = take_varint32(bytes);
  const auto decided = take_zigzag(bytes);
  std::string subject(before_zero(bytes));
  if (!ordinal || !generation || !decided || !is_subject(subject))
    return std::unexpected<std::string>("not a shelf entry");
  Checker check(to_millis(shelf.at));
  scheduler::ShelfEntry entry{.subject = Subject(std::move(subject)),
                              .ordinal = *ordinal,
                              .generation = *generation,
                              .decided_at = check.instant("decided_at", *decided)};
  if (!check.problem().empty()) return std::unexpected("shelf entry: " + check.problem());
  return entry;
}

std::string encode(const scheduler::TimerEntry& entry, scheduler::TimerMinute minute) {
  std::string out;
  put_zigzag(out, difference(entry.at, to_millis(minute)));
  return out + entry.account.str();
}

Decoded<scheduler::TimerEntry> decode_timer_entry(std::string_view bytes, scheduler::TimerMinute minute) {
  const auto at = take_zigzag(bytes);
  std::string account(before_zero(bytes));
  if (!at || !is_account_id(account)) return std::unexpected<std::string>("not a timer entry");
  Checker check(to_millis(minute));
  scheduler::TimerEntry entry{.account = AccountId(std::move(account)), .at = check.instant("at", *at)};
  if (!check.problem().empty()) return std::unexpected("timer entry: " + check.problem());
  return entry;
}

}  // namespace dun::redis
