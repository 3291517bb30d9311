// Contract section 2: every field of an event, right and wrong.
#include "domain/credit_event.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

namespace dun {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const Instant latest = *parse_rfc3339("2026-03-02T10:10:00+08:00");
const EventBounds bounds{.now = latest - std::chrono::minutes(10), .latest = latest};

Fields event(Fields more = {}) {
  Fields fields{{"id", "e1"}, {"type", "account.updated"}, {"account", "A1"}, {"time", "2026-03-02T10:00:00+08:00"}};
  for (Field& field : more) {
    std::erase_if(fields, [&](const Field& given) { return given.first == field.first; });
    fields.push_back(std::move(field));
  }
  return fields;
}

Fields without(Fields fields, std::string_view name) {
  std::erase_if(fields, [&](const Field& field) { return field.first == name; });
  return fields;
}

/// The field that is named as wrong, and why; "" when the event was accepted.
Rejection refusal(const Fields& fields) {
  const auto parsed = parse_event(fields, bounds);
  return parsed ? Rejection() : parsed.error();
}

CreditEvent accepted(const Fields& fields) {
  auto parsed = parse_event(fields, bounds);
  if (parsed) return *std::move(parsed);
  ADD_FAILURE() << parsed.error().field << ": " << parsed.error().reason;
  return {};
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// An event that uses the field, with it and nothing else that it could trip over.
Fields event_with(const std::string& field, const std::string& value) {
  static const std::vector<std::pair<const char*, Fields>> users = {
      {"source", {{"type", "source.heartbeat"}}},
      {"balance", {{"type", "credit.changed"}}},
      {"credit_limit", {{"type", "credit.changed"}, {"state", "clear"}}},
      {"amount", {{"type", "payment.received"}}},
      {"currency", {{"type", "payment.received"}}},
      {"state", {{"type", "credit.changed"}}},
      {"reason", {{"type", "service.suspended"}}},
      {"due_at", {{"type", "credit.changed"}, {"state", "clear"}}},
      {"suspend_at", {{"type", "suspension.scheduled"}}},
      {"exhausts_at", {{"type", "credit.changed"}, {"state", "clear"}}},
      {"charge_at", {{"type", "charge.upcoming"}}},
      {"until", {{"type", "dispute.opened"}}},
      {"notice", {{"type", "dun.receipt"}, {"status", "delivered"}}},
      {"status", {{"type", "dun.receipt"}, {"notice", "A1~x"}}},
  };
  const auto user = std::ranges::find_if(users, [&](const auto& each) { return each.first == field; });
  Fields more = user == users.end() ? Fields() : user->second;
  more.emplace_back(field, value);
  return event(more);
}

bool refuses_event(const std::string& field) {
  const Fields fields = event_with(field, "x");
  const auto type = event_type(field_value(fields, "type")).value_or(EventType::account_updated);
  if (field == "id" || field == "type" || field == "account" || field == "time") return true;
  return std::string(" " + std::string(fields_used(type)) + " ").contains(" " + field + " ");
}

struct Values {
  const char* field;
  std::vector<std::string> valid;
  std::vector<std::string> invalid;
  const char* reason;
};

const std::string zero_byte("a\0b", 3);

std::vector<Values> all_values() {
  const std::vector<std::string> instants = {"2026-03-02T10:00:00+08:00", "1999-12-31T23:59:60Z"};
  const std::vector<std::string> no_instants = {"tomorrow", "2026-03-02", "2026-02-30T00:00:00Z", "2026-03-02T10:00:00",
                                                "0"};
  const std::vector<std::string> amounts = {"-12.50", "0", "+3", "9223372036853"};
  const std::vector<std::string> paid = {"12.50", "0", "+3", "9223372036853", "\u206812.50\u2069"};
  const std::vector<std::string> no_amounts = {"12,50", "1e3", "CNY 5", "0.0000001", "9223372036854", "-", zero_byte};
  const auto text = [](const char* field, std::size_t size_max) {
    return Values{.field = field,
                  .valid = {"x", "zh-CN", "\xe5\xbc\xa0\xe4\xb8\x89", times(size_max, "x")},
                  .invalid = {times(size_max + 1, "x"), "a\nb", "a\x7f", zero_byte, "Telef\xf3nica",
                              "a\xc2\x85"
                              "b",
                              "a\u2028b", "\xed\xa0\x80", "\xc0\xaf"},
                  .reason = ""};
  };
  return {
      {"id", {"e", times(128, "x"), "{urn:uuid:1}", "\xe5\xbc\xa0"}, {times(129, "x")}, "longer than 128 bytes"},
      {"type", {"account.updated", "complaint.filed"}, {"account.update", "credit changed", "dun"}, "credit.changed"},
      {"account",
       {"a", "A-Z_0.9:@+", times(64, "x")},
       {"a b", "a/b", "{a}", times(65, "x"), "\xe5\xbc\xa0", "a\n", zero_byte},
       "1 to 64"},
      {"time", instants, no_instants, ""},
      {"seq",
       {"0", "1", "-7", "9223372036854775807"},
       {"9223372036854775808", "1.0", " 1", "1 ", "+1", "one", "0x1"},
       "whole number"},
      text("source", 128),
      {"msisdn", {"+8613800138000", "+86 138-0013-8000"}, {"13800138000", "+0123456789", "+1", "-"}, "E.164"},
      text("zone", 64),
      text("lang", 35),
      text("brand", 64),
      text("segment", 64),
      {"credit_level", {"0", "7", "-1"}, {"7.0", "VIP", "99999999999", "7 "}, "whole number"},
      text("manager", 64),
      text("email", 254),
      text("channels", 128),
      {"opt_in",
       {"", "refund", "refund,charge", "refund, charge", "refund,"},
       {"refunds", "refund;charge", ",", " "},
       "notice kinds"},
      {"opt_out", {"", "dunning", "ops_alert"}, {"all", "dunning,,refund", "DUNNING"}, "notice kinds"},
      {"balance", amounts, no_amounts, ""},
      {"credit_limit", amounts, no_amounts, ""},
      {"amount", paid, no_amounts, ""},
      {"currency", {"CNY", "EUR"}, {"cny", "CN", "RMB", "XXY", "XXX", "\xef\xbf\xa5"}, "ISO 4217"},
      {"state",
       {"clear", "low", "arrears", "suspension_due", "suspended"},
       {"Clear", "overdue", "arrears "},
       "clear low arrears suspension_due suspended"},
      {"due_at", instants, no_instants, ""},
      {"suspend_at", instants, no_instants, ""},
      {"exhausts_at", instants, no_instants, ""},
      {"charge_at", instants, no_instants, ""},
      {"until", instants, no_instants, ""},
      {"reason", {"debt", "fraud", "own_wish", "other"}, {"Debt", "non-payment"}, "debt fraud own_wish other"},
      text("region", 64),
      text("customer", 64),
      text("order", 128),
      text("product", 128),
      text("topic", 128),
      text("notice", 128),
  };
}

TEST(ParseEvent, NamesTheFieldThatIsWrong) {
  for (const Values& values : all_values()) {
    for (const std::string& value : values.valid) {
      const Fields fields = event_with(values.field, value);
      EXPECT_THAT(refusal(fields).field, IsEmpty()) << values.field << "=" << value << ": " << refusal(fields).reason;
      EXPECT_THAT(accepted(fields).refused, IsEmpty()) << values.field << "=" << value;
    }
    for (const std::string& value : values.invalid) {
      const Fields fields = event_with(values.field, value);
      Rejection rejection = refusal(fields);
      if (!refuses_event(values.field)) {
        EXPECT_THAT(rejection.field, IsEmpty()) << values.field << "=" << value;
        const CreditEvent taken = accepted(fields);
        ASSERT_EQ(taken.refused.size(), 1U) << values.field << "=" << value;
        rejection = {.field = taken.refused.front().field, .reason = taken.refused.front().reason};
      }
      EXPECT_EQ(rejection.field, values.field) << values.field << "=" << value;
      EXPECT_THAT(rejection.reason, HasSubstr(values.reason)) << values.field << "=" << value;
      EXPECT_FALSE(rejection.reason.empty()) << values.field << "=" << value;
    }
  }
}

TEST(ParseEvent, CoversEveryFieldOfTheContract) {
  std::vector<std::string> covered;
  for (const Values& values : all_values()) covered.emplace_back(values.field);
  for (const char* field :
       {"id",      "type",    "account",   "time",         "seq",     "source", "msisdn",     "zone",
        "lang",    "brand",   "segment",   "credit_level", "manager", "email",  "channels",   "opt_in",
        "opt_out", "balance", "currency",  "credit_limit", "state",   "due_at", "suspend_at", "exhausts_at",
        "amount",  "order",   "charge_at", "product",      "until",   "topic",  "notice"})
    EXPECT_THAT(covered, testing::Contains(field));
}

TEST(ParseEvent, AnyFieldGivenTwiceIsRefused) {
  for (const Values& values : all_values()) {
    Fields fields = event_with(values.field, values.valid.back());
    fields.emplace_back(values.field, values.valid.back());
    Rejection rejection = refusal(fields);
    if (!refuses_event(values.field)) {
      EXPECT_THAT(rejection.field, IsEmpty()) << values.field;
      const CreditEvent taken = accepted(fields);
      ASSERT_EQ(taken.refused.size(), 1U) << values.field;
      rejection = {.field = taken.refused.front().field, .reason = taken.refused.front().reason};
    }
    EXPECT_EQ(rejection.field, values.field);
    EXPECT_EQ(rejection.reason, "given twice") << values.field;
  }
}

TEST(ParseEvent, AnEmptyValueCountsAsAbsent) {
  for (const Values& values : all_values()) {
    const std::string field = values.field;
    const std::string named = refusal(event({{field, ""}})).field;
    const bool required = field == "id" || field == "type" || field == "account" || field == "time";
    EXPECT_EQ(named, required ? field : "") << field;
    if (required) EXPECT_THAT(refusal(event({{field, ""}})).reason, HasSubstr("missing")) << field;
  }
  EXPECT_FALSE(accepted(event({{"msisdn", ""}, {"credit_level", ""}})).profile.msisdn);
  // An empty list of kinds is a value: it clears what was remembered.
  EXPECT_EQ(accepted(event({{"opt_in", ""}})).profile.opt_in, KindSet());
  EXPECT_FALSE(accepted(event()).profile.opt_in);
}

TEST(ParseEvent, EveryEventNeedsItsFourFields) {
  for (const char* field : {"id", "type", "account", "time"}) {
    const Rejection rejection = refusal(without(event(), field));
    EXPECT_EQ(rejection.field, field);
    EXPECT_THAT(rejection.reason, HasSubstr("missing")) << field;
  }
  EXPECT_EQ(refusal({}).field, "type");
}

TEST(ParseEvent, TypesNeedWhatTheyCannotBeUnderstoodWithout) {
  struct Row {
    Fields fields;
    const char* missing;  // "" when nothing is
  };
  const std::vector<Row> rows = {
      {{{"type", "credit.changed"}}, "state"},
      {{{"type", "credit.changed"}, {"state", "clear"}}, ""},
      {{{"type", "credit.changed"}, {"balance", "-1"}}, ""},
      {{{"type", "dispute.opened"}}, "until"},
      {{{"type", "dispute.opened"}, {"until", "2026-03-09T00:00:00Z"}}, ""},
      {{{"type", "dispute.closed"}}, ""},
      {{{"type", "promise.made"}}, ""},
      {{{"type", "payment.received"}}, ""},
      {{{"type", "suspension.scheduled"}}, ""},
      {{{"type", "service.suspended"}}, ""},
      {{{"type", "source.heartbeat"}}, "source"},
      {{{"type", "source.heartbeat"}, {"source", "billing"}}, ""},
      {{{"type", "dun.receipt"}}, "notice"},
      {{{"type", "dun.receipt"}, {"notice", "A1~x"}}, "status"},
      {{{"type", "dun.receipt"}, {"notice", "A1~x"}, {"status", "delivered"}}, ""},
  };
  for (const Row& row : rows) EXPECT_EQ(refusal(event(row.fields)).field, row.missing) << row.fields.front().second;
}

TEST(ParseEvent, AHeartbeatNeedsNoAccount) {
  const Fields heartbeat = without(event({{"type", "source.heartbeat"}, {"source", "billing"}}), "account");
  EXPECT_EQ(accepted(heartbeat).source, "billing");
  EXPECT_TRUE(accepted(heartbeat).account.empty());
  EXPECT_EQ(refusal(without(heartbeat, "id")).field, "id");
}

TEST(ParseEvent, TheFutureHasABound) {
  EXPECT_EQ(accepted(event({{"time", "2026-03-02T10:10:00.000+08:00"}})).time, latest);
  const Rejection rejection = refusal(event({{"time", "2026-03-02T10:10:00.001+08:00"}}));
  EXPECT_EQ(rejection.field, "time");
  EXPECT_THAT(rejection.reason, HasSubstr("future"));
  EXPECT_EQ(refusal(event({{"time", "9999-12-31T23:59:60-23:59"}})).field, "time");
}

TEST(ParseEvent, NamesThatTheContractDoesNotListAreNamedAndRefuseNothing) {
  const Fields extra =
      event({{"Status", "x"}, {"trace", "a\nb"}, {"", "nameless"}, {"ID", times(5000, "x")}, {"void", ""}});
  EXPECT_EQ(describe_refused(accepted(extra).refused),
            "left out: Status (no field of this name), trace (no field of this name),  (no field of this name), "
            "ID (no field of this name)");
  Fields twice = extra;
  twice.emplace_back("trace", "again");
  EXPECT_THAT(refusal(twice).field, IsEmpty());
}

TEST(ParseEvent, ReceiptFieldsAreThoseOfReceiptsOnly) {
  // `status`, `gateway`, `gateway_id` and `detail` are Dun's own; in billing's events they are any other name.
  for (const char* field : {"status", "gateway", "gateway_id", "detail"}) {
    const CreditEvent billing = accepted(event({{field, times(600, "x") + "\n"}}));
    ASSERT_EQ(billing.refused.size(), 1U) << field;
    EXPECT_EQ(billing.refused.front().reason, "no field of this name") << field;
    const Fields receipt =
        event({{"type", "dun.receipt"}, {"notice", "A1~x"}, {"status", "failed"}, {field, times(600, "x") + "\n"}});
    // A receipt is the last word, whatever ornaments it carries.
    EXPECT_EQ(refusal(receipt).field, field == std::string("status") ? "status" : "");
  }
  const CreditEvent receipt = accepted(event({{"type", "dun.receipt"},
                                              {"notice", "A1~x"},
                                              {"status", "failed"},
                                              {"gateway", "g"},
                                              {"gateway_id", "42"},
                                              {"detail", "no such number"}}));
  EXPECT_EQ(receipt.receipt, ReceiptStatus::failed);
  EXPECT_EQ(receipt.detail, "no such number");
}

TEST(ParseEvent, TypeMayStandAnywhere) {
  Fields fields = event({{"type", "dun.receipt"}, {"notice", "A1~x"}, {"status", "delivered"}});
  std::ranges::sort(fields);
  do {
    EXPECT_EQ(accepted(fields).receipt, ReceiptStatus::delivered);
  } while (std::ranges::next_permutation(fields).found);
}

TEST(ParseEvent, ReadsEveryField) {
  const CreditEvent full = accepted({{"id", "e1"},
                                     {"type", "credit.changed"},
                                     {"account", "A1"},
                                     {"time", "2026-03-02T10:00:00+08:00"},
                                     {"seq", "12"},
                                     {"source", "billing"},
                                     {"msisdn", "+86 138 0013 8000"},
                                     {"zone", "Asia/Shanghai"},
                                     {"lang", "zh-CN"},
                                     {"brand", "b"},
                                     {"segment", "s"},
                                     {"credit_level", "7"},
                                     {"manager", "li.na"},
                                     {"email", "a@b"},
                                     {"channels", "sms,email"},
                                     {"opt_in", "refund,charge"},
                                     {"opt_out", "dunning"},
                                     {"balance", "-50"},
                                     {"currency", "CNY"},
                                     {"credit_limit", "20"},
                                     {"state", "arrears"},
                                     {"due_at", "2026-03-03T00:00:00Z"},
                                     {"suspend_at", "2026-03-04T00:00:00Z"},
                                     {"exhausts_at", "2026-03-05T00:00:00Z"}});
  EXPECT_EQ(full.id.str(), "e1");
  EXPECT_EQ(full.type, EventType::credit_changed);
  EXPECT_EQ(full.account.str(), "A1");
  EXPECT_EQ(full.time, latest - std::chrono::minutes(10));
  EXPECT_EQ(full.seq, 12);
  EXPECT_EQ(full.source, "billing");
  EXPECT_EQ(full.profile.msisdn, "+8613800138000");
  EXPECT_EQ(full.profile.zone, "Asia/Shanghai");
  EXPECT_EQ(full.profile.lang, "zh-CN");
  EXPECT_EQ(full.profile.brand, "b");
  EXPECT_EQ(full.profile.segment, "s");
  EXPECT_EQ(full.profile.credit_level, 7);
  EXPECT_EQ(full.profile.manager, "li.na");
  EXPECT_EQ(full.profile.email, "a@b");
  EXPECT_EQ(full.profile.channels, "sms,email");
  EXPECT_TRUE(full.profile.opt_in->has(NoticeKind::refund) && full.profile.opt_in->has(NoticeKind::charge));
  EXPECT_TRUE(full.profile.opt_out->has(NoticeKind::dunning) && !full.profile.opt_out->has(NoticeKind::refund));
  EXPECT_EQ(full.balance, Amount::from_micros(-50'000'000));
  EXPECT_EQ(full.credit_limit, Amount::from_micros(20'000'000));
  EXPECT_EQ(full.currency, "CNY");
  EXPECT_EQ(full.state, CreditState::arrears);
  EXPECT_EQ(full.due_at, parse_rfc3339("2026-03-03T00:00:00Z"));
  EXPECT_EQ(full.suspend_at, parse_rfc3339("2026-03-04T00:00:00Z"));
  EXPECT_EQ(full.exhausts_at, parse_rfc3339("2026-03-05T00:00:00Z"));
}

TEST(ContentHash, IsOverEverythingButIdSeqAndSource) {
  const Fields base = event({{"type", "refund.credited"}, {"amount", "5"}, {"currency", "CNY"}});
  const auto hash = [&](Fields more) {
    Fields fields = base;
    for (Field& field : more) {
      std::erase_if(fields, [&](const Field& given) { return given.first == field.first; });
      fields.push_back(std::move(field));
    }
    return accepted(fields).content_hash;
  };
  const std::uint64_t same = hash({});
  EXPECT_LT(same, std::uint64_t{1} << 48);
  for (const Fields& more : {Fields{{"id", "e2"}}, Fields{{"seq", "3"}}, Fields{{"source", "replay"}}})
    EXPECT_EQ(hash(more), same) << more.front().first;
  for (const Fields& more :
       {Fields{{"account", "A2"}}, Fields{{"type", "payment.received"}}, Fields{{"time", "2026-03-02T10:00:01+08:00"}},
        Fields{{"amount", "6"}}, Fields{{"currency", "EUR"}}, Fields{{"product", "p"}},
        Fields{{"amount", "5"}, {"currency", ""}}})
    EXPECT_NE(hash(more), same) << more.front().first;
  Fields turned = base;
  std::ranges::reverse(turned);
  EXPECT_EQ(accepted(turned).content_hash, same);
}

TEST(ContentHash, AnEmptyValueCountsAsAbsent) {
  EXPECT_EQ(accepted(event({{"product", ""}})).content_hash, accepted(event()).content_hash);
  // Clearing a list is content.
  EXPECT_NE(accepted(event({{"opt_in", ""}})).content_hash, accepted(event()).content_hash);
}

TEST(AccountId, IsOneToSixtyFourPlainCharacters) {
  for (const std::string& valid : {std::string("a"), std::string("A-Z_0.9:@+"), times(64, "x")})
    EXPECT_TRUE(is_account_id(valid)) << valid;
  for (const std::string& invalid : {std::string(), times(65, "x"), std::string("a b"), zero_byte, std::string("a~b")})
    EXPECT_FALSE(is_account_id(invalid)) << invalid;
}

}  // namespace
}  // namespace dun
