// The stored form of cases, and of posts on their way to one.
#include "domain/credit_event.hpp"
#include "redis/codec.hpp"
#include "redis/record_parts.hpp"

namespace dun::redis {
namespace {

/// By its number: what another version writes is not taken for what it is not.
enum StoredKind : std::uint32_t { stored_alert, stored_task };

std::string encode_case(const AlertCase& alert) {
  // Of the first one that is certain to be there, or any.
  const std::int64_t base = alert.witnesses.empty() ? 0 : alert.witnesses.front().heard_at.time_since_epoch().count();
  stored::CaseRecord out;
  out.set_base(base);
  out.set_kind(stored_alert);
  out.set_name(alert.name);
  out.set_subject(alert.subject);
  out.set_gateway(alert.gateway);
  if (const auto since = difference(alert.open_since, base)) out.set_open_since(*since);
  for (const Witness& witness : alert.witnesses) {
    stored::Witness& each = *out.add_witnesses();
    each.set_who(witness.who);
    each.set_run(witness.run);
    each.set_number(witness.number);
    if (const auto until = difference(witness.until, base)) each.set_until(*until);
    each.set_heard_at(difference(witness.heard_at, base));
  }
  return out.SerializeAsString();
}

AlertCase decode_alert(const stored::CaseRecord& in, Checker& check) {
  AlertCase alert{.name = in.name(), .subject = in.subject(), .gateway = in.gateway()};
  if (in.has_open_since()) alert.open_since = check.instant("open_since", in.open_since());
  for (const stored::Witness& each : in.witnesses()) {
    Witness& witness = alert.witnesses.emplace_back();
    witness.who = each.who();
    witness.run = each.run();
    witness.number = each.number();
    if (each.has_until()) witness.until = check.instant("until", each.until());
    witness.heard_at = check.instant("heard_at", each.heard_at());
  }
  return alert;
}

/// What most of its notices repeat.
Episode episode_of(const AccountFacts& facts) {
  return {.key = facts.episode, .cause = facts.cause, .caused_at = facts.caused_at};
}

std::string encode_case(const TaskCase& task) {
  const AccountFacts& facts = task.facts;
  const Episode episode = episode_of(facts);
  const Packer packer(facts.credit.as_of, episode);
  stored::CaseRecord out;
  out.set_base(facts.credit.as_of.time_since_epoch().count());
  out.set_kind(stored_task);
  out.set_account(task.account.str());
  stored::AccountFacts& told = *out.mutable_facts();
  told.set_msisdn(facts.msisdn);
  told.set_brand(facts.brand);
  told.set_manager(facts.manager);
  told.set_credit_level(facts.credit_level);
  packer.pack(*told.mutable_credit(), facts.credit);
  told.set_service(static_cast<std::uint32_t>(facts.service));
  told.set_episode(facts.episode);
  told.set_cause(facts.cause.str());
  told.set_caused_at(packer.since_base(facts.caused_at));
  if (task.task) packer.pack(*out.mutable_task(), *task.task);
  for (const PendingNotice& notice : task.pending) packer.pack(*out.add_pending(), notice);
  for (const SentNotice& sent : task.sent) packer.pack(*out.add_sent(), sent);
  out.set_ordinals(task.ordinals);
  return out.SerializeAsString();
}

TaskCase decode_task(const stored::CaseRecord& in, Checker& check) {
  TaskCase task;
  task.account = AccountId(in.account());
  const stored::AccountFacts& told = in.facts();
  AccountFacts& facts = task.facts;
  facts.msisdn = told.msisdn();
  facts.brand = told.brand();
  facts.manager = told.manager();
  facts.credit_level = told.credit_level();
  facts.credit = Unpacker::unpack(told.credit(), check);
  facts.service = check.choice("service", told.service(), ServiceState::stopped_otherwise);
  facts.episode = told.episode();
  facts.cause = EventId(told.cause());
  facts.caused_at = check.instant("caused_at", told.caused_at());
  const Episode episode = episode_of(facts);
  Unpacker unpacker(check, episode);
  if (in.has_task()) task.task = unpacker.unpack(in.task());
  for (const auto& notice : in.pending()) task.pending.push_back(unpacker.unpack(notice));
  for (const auto& sent : in.sent()) task.sent.push_back(unpacker.unpack(sent));
  task.ordinals = in.ordinals();
  if (!is_account_id(in.account())) check.fail("account");
  return task;
}

}  // namespace

std::string encode(const CaseRecord& record) {
  return std::visit([](const auto& each) { return encode_case(each); }, record);
}

Decoded<CaseRecord> decode_case(std::string_view bytes) {
  stored::CaseRecord in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::unexpected("not a case record");
  Checker check(in.base());
  CaseRecord record;
  if (check.choice("kind", in.kind(), stored_task) == stored_alert)
    record = decode_alert(in, check);
  else
    record = decode_task(in, check);
  if (!check.problem().empty()) return std::unexpected("case record: " + check.problem());
  return record;
}

std::string encode(const scheduler::Post& post) {
  stored::Post out;
  out.set_to(post.to.str());
  for (const auto& [name, value] : post.fields) {
    out.add_fields(name);
    out.add_fields(value);
  }
  return out.SerializeAsString();
}

Decoded<scheduler::Post> decode_post(EventId id, std::string_view bytes) {
  stored::Post in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || in.fields_size() % 2 != 0)
    return std::unexpected("not a post");
  scheduler::Post post{.to = CaseId(in.to()), .id = std::move(id), .fields = {}};
  for (int i = 0; i < in.fields_size(); i += 2) post.fields.emplace_back(in.fields(i), in.fields(i + 1));
  return post;
}

}  // namespace dun::redis
