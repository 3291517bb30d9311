// The stored form of cases, and of posts on their way to one.
#include "redis/codec.hpp"
#include "redis/codec_parts.hpp"
#include "redis/record.pb.h"

namespace dun::redis {

std::string encode(const CaseRecord& record) {
  // Of the first one that is certain to be there, or any.
  const std::int64_t base = record.witnesses.empty() ? 0 : record.witnesses.front().heard_at.time_since_epoch().count();
  stored::CaseRecord out;
  out.set_base(base);
  out.set_kind(static_cast<std::uint32_t>(record.kind));
  out.set_name(record.name);
  out.set_subject(record.subject);
  out.set_gateway(record.gateway);
  if (const auto since = difference(record.open_since, base)) out.set_open_since(*since);
  for (const Witness& witness : record.witnesses) {
    stored::Witness& each = *out.add_witnesses();
    each.set_who(witness.who);
    each.set_run(witness.run);
    each.set_number(witness.number);
    if (const auto until = difference(witness.until, base)) each.set_until(*until);
    each.set_heard_at(difference(witness.heard_at, base));
  }
  return out.SerializeAsString();
}

Decoded<CaseRecord> decode_case(std::string_view bytes) {
  stored::CaseRecord in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::unexpected("not a case record");
  Checker check(in.base());
  CaseRecord record{.kind = check.choice("kind", in.kind(), CaseKind::alert),
                    .name = in.name(),
                    .subject = in.subject(),
                    .gateway = in.gateway()};
  if (in.has_open_since()) record.open_since = check.instant("open_since", in.open_since());
  for (const stored::Witness& each : in.witnesses()) {
    Witness& witness = record.witnesses.emplace_back();
    witness.who = each.who();
    witness.run = each.run();
    witness.number = each.number();
    if (each.has_until()) witness.until = check.instant("until", each.until());
    witness.heard_at = check.instant("heard_at", each.heard_at());
  }
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
