#include "redis/codec.hpp"

#include "base/assert.hpp"
#include "redis/record_parts.hpp"

#include <charconv>

namespace dun::redis {
namespace {

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
  const Packer packer(record.last_time, record.episode);
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
  if (in.has_task()) record.task = unpacker.unpack_handed_over(in.task());
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
