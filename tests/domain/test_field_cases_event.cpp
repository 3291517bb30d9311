// Events as they come from real producers, each a kind of docs/field_cases.md by its number.
#include "domain/credit_event.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

namespace dun {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const Instant noon = *parse_rfc3339("2026-03-02T12:00:00+08:00");

EventBounds shipped_bounds() {
  return {.now = noon,
          .latest = noon + std::chrono::minutes(10),
          .earliest = noon - date::days(1830),
          .plausible = date::days(3660)};
}

Fields event(std::string_view type, Fields more = {}) {
  Fields fields{{"id", "e1"}, {"type", std::string(type)}, {"account", "A1"}, {"time", "2026-03-02T11:00:00+08:00"}};
  for (Field& field : more) {
    std::erase_if(fields, [&](const Field& given) { return given.first == field.first; });
    fields.push_back(std::move(field));
  }
  return fields;
}

std::string rejected_field(const Fields& fields, const EventBounds& bounds = shipped_bounds()) {
  const auto read = parse_event(fields, bounds);
  return read ? "" : read.error().field;
}

CreditEvent taken(const Fields& fields, const EventBounds& bounds = shipped_bounds()) {
  auto read = parse_event(fields, bounds);
  if (read) return *std::move(read);
  ADD_FAILURE() << read.error().field << ": " << read.error().reason;
  return {};
}

std::vector<std::string> refused_names(const CreditEvent& event) {
  std::vector<std::string> names;
  for (const RefusedField& each : event.refused) names.push_back(each.field);
  return names;
}

TEST(FieldCases, D7_AnAmountBelowZeroIsRejectedWhereMoneyMoves) {
  for (const char* type : {"payment.received", "payment.reversed", "refund.credited", "charge.upcoming"})
    for (const auto& [amount, currency] : std::vector<std::pair<const char*, const char*>>{
             {"-50", "CNY"}, {"-0.01", "EUR"}, {"-1", "JPY"}, {"-0.004", "CNY"}, {"-9000000000000", ""}})
      EXPECT_EQ(rejected_field(event(type, {{"amount", amount}, {"currency", currency}})), "amount")
          << type << ' ' << amount << ' ' << currency;
  EXPECT_THAT(parse_event(event("payment.received", {{"amount", "-50"}}), shipped_bounds()).error().reason,
              HasSubstr("payment.reversed"));
  // Where the type does not use it, it is nobody's business.
  EXPECT_EQ(rejected_field(event("account.updated", {{"amount", "-50"}})), "");
}

TEST(FieldCases, D8_NothingIsNoRefundAndNoCharge) {
  const std::vector<std::pair<const char*, const char*>> nothings = {
      {"0", "CNY"}, {"0.00", ""}, {"-0", "EUR"}, {"0.004", "CNY"}, {"0.4", "JPY"}, {"0.0009", "BHD"}};
  for (const auto& [amount, currency] : nothings) {
    for (const char* type : {"payment.reversed", "refund.credited", "charge.upcoming"})
      EXPECT_EQ(rejected_field(event(type, {{"amount", amount}, {"currency", currency}})), "amount")
          << type << ' ' << amount << ' ' << currency;
    // A payment of nothing is a true fact that states a balance; that it ends nothing is for the rules.
    EXPECT_EQ(rejected_field(event("payment.received", {{"amount", amount}, {"currency", currency}})), "");
  }
  for (const auto& [amount, currency] :
       std::vector<std::pair<const char*, const char*>>{{"0.01", "CNY"}, {"1", "JPY"}, {"0.001", "BHD"}})
    EXPECT_EQ(rejected_field(event("refund.credited", {{"amount", amount}, {"currency", currency}})), "");
}

TEST(FieldCases, D15_TheZeroOfSomebodysClockIsRejected) {
  for (const char* time : {"1970-01-01T00:00:00Z", "1970-01-21T12:00:00+08:00", "0001-01-01T00:00:00Z",
                           "2000-01-01T00:00:00-05:00", "2021-02-25T11:59:59+08:00"})
    for (const char* type : {"credit.changed", "payment.received", "account.updated"})
      EXPECT_EQ(rejected_field(event(type, {{"time", time}, {"state", "arrears"}})), "time") << type << ' ' << time;
  EXPECT_EQ(rejected_field(event("account.updated", {{"time", "2021-02-27T00:00:00Z"}})), "");
  EXPECT_EQ(rejected_field(event("account.updated", {{"time", "2026-03-02T12:10:00.001+08:00"}})), "time");
}

TEST(FieldCases, D15_EveryInstantOfAnEventIsPlausible) {
  struct Row {
    const char* type;
    const char* field;
  };
  const std::vector<Row> rows = {{"credit.changed", "due_at"},      {"credit.changed", "suspend_at"},
                                 {"credit.changed", "exhausts_at"}, {"suspension.scheduled", "suspend_at"},
                                 {"charge.upcoming", "charge_at"},  {"dispute.opened", "until"},
                                 {"promise.made", "until"}};
  for (const Row& row : rows) {
    for (const char* instant : {"1970-01-01T00:00:00Z", "1999-12-31T00:00:00Z", "2040-01-01T00:00:00Z",
                                "9999-12-31T23:59:59Z", "2036-03-10T12:00:00+08:00"})
      EXPECT_EQ(rejected_field(event(row.type, {{"state", "arrears"}, {row.field, instant}})), row.field)
          << row.type << ' ' << instant;
    for (const char* instant : {"2016-03-03T00:00:00Z", "2026-03-01T00:00:00Z", "2036-03-01T00:00:00Z"})
      EXPECT_EQ(rejected_field(event(row.type, {{"state", "arrears"}, {row.field, instant}})), "") << row.type;
    // Where the type does not use it, the fact counts without it.
    const CreditEvent updated = taken(event("account.updated", {{row.field, "1970-01-01T00:00:00Z"}}));
    EXPECT_THAT(refused_names(updated), testing::ElementsAre(row.field));
    EXPECT_FALSE(updated.due_at || updated.suspend_at || updated.exhausts_at || updated.charge_at || updated.until);
  }
}

TEST(FieldCases, D21_AStateAndABalanceThatContradictAreRejectedNamingBoth) {
  struct Row {
    const char* state;
    const char* balance;
    const char* currency;
    bool right;
  };
  const std::vector<Row> rows = {
      {"arrears", "50", "CNY", false},     {"arrears", "0", "EUR", false},    {"suspension_due", "50", "", false},
      {"arrears", "-0.004", "CNY", false}, {"arrears", "-0.9", "JPY", false}, {"arrears", "-0.0009", "KWD", false},
      {"arrears", "-0.01", "CNY", true},   {"arrears", "-1", "JPY", true},    {"suspension_due", "-3", "", true},
      {"suspended", "50", "CNY", true},  // stopped for something else than a debt
      {"clear", "-50", "CNY", true},       {"low", "50", "CNY", true},        {"clear", "50", "CNY", true},
  };
  for (const Row& row : rows) {
    const Fields fields =
        event("credit.changed", {{"state", row.state}, {"balance", row.balance}, {"currency", row.currency}});
    EXPECT_EQ(rejected_field(fields), row.right ? "" : "state,balance") << row.state << ' ' << row.balance;
  }
  // Other types make no such claim, and whoever does not know the sign does not judge.
  EXPECT_EQ(rejected_field(event("payment.received", {{"state", "arrears"}, {"balance", "50"}})), "");
  EventBounds unknown = shipped_bounds();
  unknown.balance_means.reset();
  EXPECT_EQ(rejected_field(event("credit.changed", {{"state", "arrears"}, {"balance", "50"}}), unknown), "");
  EXPECT_EQ(rejected_field(event("credit.changed", {{"state", "arrears"}, {"balance", "-50"}}), unknown), "");
}

TEST(FieldCases, D21_WhereDebtsArePositiveEveryBalanceIsTurned) {
  EventBounds debts = shipped_bounds();
  debts.balance_means = BalanceMeans::debt;
  for (const char* type : {"credit.changed", "payment.received", "payment.reversed"}) {
    EXPECT_EQ(taken(event(type, {{"balance", "50"}}), debts).balance, Amount::parse("-50")) << type;
    EXPECT_EQ(taken(event(type, {{"balance", "-7.5"}}), debts).balance, Amount::parse("7.5")) << type;
    EXPECT_EQ(taken(event(type, {{"balance", "0"}}), debts).balance, Amount()) << type;
  }
  const CreditEvent owing =
      taken(event("credit.changed", {{"state", "arrears"}, {"balance", "50"}, {"credit_limit", "20"}}), debts);
  EXPECT_EQ(owing.balance, Amount::parse("-50"));
  EXPECT_EQ(owing.credit_limit, Amount::parse("20")) << "a limit has one sign";
  EXPECT_EQ(rejected_field(event("credit.changed", {{"state", "arrears"}, {"balance", "-50"}}), debts),
            "state,balance");
  // A payment is a payment however debts are counted.
  EXPECT_EQ(taken(event("payment.received", {{"amount", "20"}}), debts).amount, Amount::parse("20"));
}

TEST(FieldCases, S20_AnOrnamentOfTheProfileDoesNotVoidTheFact) {
  const std::vector<Field> ornaments = {{"msisdn", "12345"},
                                        {"msisdn", "+8613800138000 ext 2"},
                                        {"credit_level", "gold"},
                                        {"credit_level", "7.0"},
                                        {"opt_in", "everything"},
                                        {"opt_out", "dunning;refund"},
                                        {"zone", std::string(65, 'x')},
                                        {"email", "a\nb"},
                                        {"region", std::string("a\0b", 3)},
                                        {"seq", "first"},
                                        {"order", "\x1b[31m"},
                                        {"product", std::string(129, 'x')},
                                        {"state", "broke"},
                                        {"due_at", "tomorrow"}};
  for (const char* type : {"payment.received", "refund.credited", "service.resumed", "account.closed"}) {
    for (const Field& ornament : ornaments) {
      const CreditEvent fact = taken(event(type, {{"amount", "20"}, {"currency", "CNY"}, ornament}));
      EXPECT_THAT(refused_names(fact), testing::ElementsAre(ornament.first)) << type;
      EXPECT_EQ(fact.amount, Amount::parse("20")) << type << ' ' << ornament.first;
      EXPECT_FALSE(fact.profile.msisdn || fact.profile.credit_level || fact.profile.opt_in || fact.profile.opt_out ||
                   fact.profile.zone || fact.profile.email || fact.seq || fact.state || fact.due_at);
    }
  }
  // Around a value that is right, marks that nobody sees are taken off.
  const CreditEvent payment = taken(event("payment.received", {{"msisdn", "\u2068+8613800138000\u2069"},
                                                               {"amount",
                                                                "\u2068"
                                                                "12.50\u2069"},
                                                               {"currency", "\ufeffCNY"},
                                                               {"credit_level", "7\u200e"},
                                                               {"brand", "\u061cmain\u061c"}}));
  EXPECT_THAT(payment.refused, IsEmpty());
  EXPECT_EQ(payment.profile.msisdn, "+8613800138000");
  EXPECT_EQ(payment.amount, Amount::parse("12.5"));
  EXPECT_EQ(payment.currency, "CNY");
  EXPECT_EQ(payment.profile.credit_level, 7);
  EXPECT_EQ(payment.profile.brand, "main");
}

TEST(FieldCases, S20_WhatTheTypeUsesStillRejects) {
  const std::vector<std::pair<const char*, Field>> rows = {
      {"payment.received", {"amount", "much"}},     {"payment.received", {"balance", "12,50"}},
      {"payment.received", {"currency", "XXY"}},    {"credit.changed", {"state", "broke"}},
      {"credit.changed", {"credit_limit", "none"}}, {"suspension.scheduled", {"suspend_at", "soon"}},
      {"service.suspended", {"reason", "unpaid"}},  {"charge.upcoming", {"charge_at", "31.01.2026"}},
      {"dispute.opened", {"until", "later"}},       {"source.heartbeat", {"source", "a\nb"}},
      {"account.updated", {"account", "a b"}},      {"account.updated", {"id", std::string(129, 'x')}},
  };
  for (const auto& [type, field] : rows) EXPECT_EQ(rejected_field(event(type, {field})), field.first) << type;
}

TEST(FieldCases, S20_AnUnreadableSourceStillTellsEventsApart) {
  const auto of = [](const char* source) { return event("payment.received", {{"seq", "3"}, {"source", source}}); };
  const CreditEvent latin = taken(of("Telef\xf3nica"));
  EXPECT_EQ(latin.source, "");
  EXPECT_FALSE(latin.seq) << "it counts per source, and whose it is is not known";
  EXPECT_THAT(refused_names(latin), testing::ElementsAre("source"));
  EXPECT_NE(latin.identity, taken(of("Telef\xf2nica")).identity);
  EXPECT_NE(latin.identity, taken(of("")).identity);
  EXPECT_EQ(latin.identity, taken(of("Telef\xf3nica")).identity);
}

TEST(FieldCases, S21_TextIsUtf8WithoutControlCharacters) {
  const std::vector<std::string> foreign = {"Telef\xf3nica",
                                            "\xd6sterreich",
                                            "\xc4\xe3\xba\xc3",  // Latin-1, GBK
                                            "a\xed\xa0\xbd",
                                            "\xc0\xaf",
                                            "\xf5\x80\x80\x80",
                                            "a\xc2\x9b"
                                            "31m",
                                            "a\x1b[31mb",
                                            "a\u2028b",
                                            "\xff\xfe"
                                            "a"};
  for (const char* field : {"brand", "segment", "zone", "lang", "manager", "email", "channels", "region", "customer"})
    for (const std::string& value : foreign) {
      const CreditEvent fact = taken(event("payment.received", {{field, value}, {"amount", "5"}}));
      EXPECT_THAT(refused_names(fact), testing::ElementsAre(field)) << value;
      EXPECT_FALSE(fact.profile.brand || fact.profile.segment || fact.profile.zone || fact.profile.lang);
      for (const char c : describe_refused(fact.refused)) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    }
  for (const char* right : {"Telef\u00f3nica", "\u00d6sterreich", "\u4f60\u597d", "\U0001f600", "e\u0301"})
    EXPECT_EQ(taken(event("account.updated", {{"brand", right}})).profile.brand, right);
}

TEST(FieldCases, U6_UnknownNamesAreNamed) {
  const CreditEvent misspelt =
      taken(event("credit.changed", {{"balance", "-5"}, {"curency", "CNY"}, {"Zone", "Asia"}}));
  EXPECT_EQ(describe_refused(misspelt.refused),
            "left out: curency (no field of this name), Zone (no field of this name)");
  // Names come from outside like everything else.
  const CreditEvent hostile = taken(event("account.updated", {{"a\x1b[2J\nevent.applied", "x"}, {"b\xff", "x"}}));
  EXPECT_EQ(describe_refused(hostile.refused),
            "left out: a\ufffd[2J\ufffdevent.applied (no field of this name), b\ufffd (no field of this name)");
  Fields flood = event("account.updated");
  for (int i = 0; i < 5000; ++i) flood.emplace_back("x" + std::to_string(i), std::string(100, 'y'));
  EXPECT_LE(taken(flood).refused.size(), 64U);
  EXPECT_LT(describe_refused(taken(flood).refused).size(), 1000U);
  // What the contract lists and no rule uses yet is not unknown.
  EXPECT_THAT(taken(event("account.updated", {{"region", "north"}, {"customer", "c1"}})).refused, IsEmpty());
}

TEST(FieldCases, U6_WhatAProducerAddsMakesNoOtherContent) {
  const auto hash = [](Fields more) { return taken(event("credit.changed", std::move(more))).content_hash; };
  EXPECT_EQ(hash({{"balance", "-5"}, {"published_at", "12:00"}}), hash({{"balance", "-5"}, {"published_at", "12:01"}}));
  EXPECT_EQ(hash({{"balance", "-5"}, {"traceparent", "x"}}), hash({{"balance", "-5"}}));
  EXPECT_NE(hash({{"balance", "-5"}, {"brand", "x"}}), hash({{"balance", "-5"}}));
  EXPECT_NE(hash({{"balance", "-5"}, {"credit_level", "gold"}}), hash({{"balance", "-5"}, {"credit_level", "lead"}}));
}

TEST(FieldCases, S39_AnEmptyFieldIsAsIfNotThereBesideAnother) {
  for (const std::string& name : {std::string("account"), std::string("id"), std::string("type"), std::string("brand"),
                                  std::string("balance"), std::string("opt_in")}) {
    Fields plain = event("credit.changed", {{"balance", "-5"}, {"brand", "main"}, {"opt_in", "refund"}});
    for (const bool in_front : {true, false}) {
      Fields fields = plain;
      for (int i = 0; i < 3; ++i) fields.emplace(in_front ? fields.begin() : fields.end(), name, "");
      EXPECT_EQ(field_value(fields, "account"), "A1");
      const CreditEvent read = taken(fields);
      EXPECT_THAT(read.refused, IsEmpty()) << name;
      EXPECT_EQ(read.account.str(), "A1");
      EXPECT_EQ(read.content_hash, taken(plain).content_hash) << name;
      EXPECT_TRUE(read.profile.opt_in->has(NoticeKind::refund)) << name;
    }
  }
  EXPECT_EQ(field_value(Fields{{"account", ""}}, "account"), "");
  EXPECT_EQ(field_value(Fields{{"account", "A"}, {"account", "B"}}, "account"), "A");
}

TEST(FieldCases, S20_TheTypesAndWhatTheyUseAreInTheGlossary) {
  std::ifstream file(DUN_SOURCE_DIR "/docs/states.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const std::string_view name : event_type_names()) {
    if (name == "dun.receipt") continue;  // Dun's own
    std::string used;
    for (const char c : fields_used(*event_type(name))) used += c == ' ' ? std::string("` `") : std::string(1, c);
    const std::string row = "| `" + std::string(name) + "` | " + (used.empty() ? "" : "`" + used + "`");
    EXPECT_TRUE(text.contains(row)) << "docs/states.md lacks the row " << row;
  }
}

}  // namespace
}  // namespace dun
