#include "messages/compiled_text.hpp"

#include "messages/sample.hpp"

#include <date/tz.h>
#include <gmock/gmock.h>
#include <unicode/msgfmt.h>

#include <array>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace dun::messages {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Formats& formats_of(const std::string& tag) {
  static std::map<std::string, Formats> made;
  return made.try_emplace(tag, icu::Locale(tag.c_str())).first->second;
}

std::string render(std::string_view pattern, const MessageContext& context, const std::string& tag = "en") {
  const auto compiled = CompiledText::compile(pattern, formats_of(tag));
  if (!compiled) return "error: " + compiled.error().front();
  std::string out;
  const Sender sender{.name = "Acme", .pay = "acme.example/pay", .call = "10000"};
  compiled->render({.message = context, .sender = context.brand.empty() ? Sender() : sender},
                   *date::locate_zone(context.zone), formats_of(tag), out);
  return out;
}

MessageContext full() {
  return sample_context(NoticeKind::dunning, 2, false);
}

MessageContext bare() {
  return bare_sample_context(NoticeKind::dunning, 2, false);
}

TEST(CompiledText, fills_in_arguments) {
  EXPECT_EQ(render("plain", full()), "plain");
  EXPECT_EQ(render("account {account}, step {step}", full()), "account 138001380001, step 2");
  EXPECT_EQ(render("{ event_time , date , ::MMMdHmm }", full()), "Mar 31, 22:30");
  EXPECT_EQ(render("{account}{account}", full()), "138001380001138001380001");
}

TEST(CompiledText, shows_times_on_the_clock_of_the_zone) {
  struct Row {
    const char* zone;
    const char* time;
    const char* text;
  };
  for (const auto& [zone, time, text] : {
           Row{"Asia/Shanghai", "2026-03-31T14:30:00Z", "Mar 31, 22:30"},
           Row{"UTC", "2026-03-31T14:30:59.999Z", "Mar 31, 14:30"},
           Row{"America/New_York", "2026-03-08T06:59:00Z", "Mar 8, 01:59"},
           Row{"America/New_York", "2026-03-08T07:00:00Z", "Mar 8, 03:00"},  // the clock has just been put forward
           Row{"Asia/Kathmandu", "2026-12-31T18:15:00Z", "Jan 1, 00:00"},
           Row{"Pacific/Kiritimati", "2026-03-31T14:30:00Z", "Apr 1, 04:30"},
           Row{"Asia/Almaty", "2026-03-31T14:30:00Z", "Mar 31, 19:30"},  // since 2024; not known to ICU 72
           Row{"America/New_York", "1969-07-20T20:17:40Z", "Jul 20, 16:17"},
       }) {
    MessageContext context = full();
    context.zone = zone;
    context.event_time = *parse_rfc3339(time);
    EXPECT_EQ(render("{event_time, date, ::MMMdHmm}", context), text) << zone << " " << time;
  }
}

TEST(CompiledText, takes_every_way_to_write_a_time) {
  EXPECT_EQ(render("{due_at, select, none {} other {{due_at, date, yyyy-MM-dd HH:mm}}}", full()), "2026-03-29 22:30");
  EXPECT_EQ(render("{event_time, date}", full()), "Mar 31, 2026");
  EXPECT_EQ(render("{event_time, date, full}", full()), "Tuesday, March 31, 2026");
  EXPECT_EQ(render("{event_time, time, short}", full()), "10:30 PM");
  EXPECT_EQ(render("{event_time, date, ::yMMMMEEEEdjmm}", full(), "zh-CN"), "2026年3月31日星期二 22:30");
  EXPECT_EQ(render("{event_time, date, d 'o''clock' H}", full()), "31 o'clock 22");
}

TEST(CompiledText, writes_amounts_exactly_in_the_language_of_the_reader) {
  struct Row {
    const char* balance;
    const char* currency;
    const char* english;
    const char* chinese;
  };
  for (const auto& [balance, currency, english, chinese] : {
           Row{"-123.45", "CNY", "CNY 123.45", "¥123.45"},
           Row{"-100", "CNY", "CNY 100.00", "¥100.00"},
           Row{"-0.005", "CNY", "CNY 0.005", "¥0.005"},  // nothing is rounded away
           Row{"-1234567.1", "USD", "USD 1,234,567.10", "US$1,234,567.10"},
           Row{"-50000", "JPY", "JPY 50,000", "JP¥50,000"},
           Row{"-1.5", "KWD", "KWD 1.500", "KWD 1.500"},
           Row{"-150000", "IDR", "IDR 150,000.00", "IDR 150,000.00"},
           Row{"-9007199254740.993001", "CNY", "CNY 9,007,199,254,740.993001", "¥9,007,199,254,740.993001"},
           Row{"-12.30", "XQZ", "XQZ 12.30", "XQZ 12.30"},
           Row{"-12.3", "", "12.30", "12.30"},
           Row{"-12.3", "cny", "12.30", "12.30"},
       }) {
    MessageContext context = full();
    context.owed = Amount::parse(balance + 1).value();
    context.currency = currency;
    for (int again = 0; again < 4; ++again) {  // ICU changes to a compiled formatter after a few calls
      EXPECT_EQ(render("{owed, select, none {} other {{owed, number, ::unit-width-iso-code}}}", context), english);
      EXPECT_EQ(render("{owed, select, none {} other {{owed, number, currency}}}", context, "zh-CN"), chinese);
    }
  }
}

TEST(CompiledText, shows_currencies_as_asked) {
  const auto owed = [](const char* style, const std::string& tag) {
    return render("{owed, select, none {} other {{owed, number, " + std::string(style) + "}}}", full(), tag);
  };
  EXPECT_EQ(owed("currency", "en"), "CN¥1,286.50");
  EXPECT_EQ(owed("::unit-width-narrow", "en"), "¥1,286.50");
  EXPECT_EQ(owed("::unit-width-full-name", "en"), "1,286.50 Chinese yuan");
  EXPECT_EQ(owed("::unit-width-full-name", "zh-CN"), "1,286.50元");
  EXPECT_EQ(owed("::unit-width-hidden", "zh-CN"), "1,286.50");
  EXPECT_EQ(owed("currency", "de"), "1.286,50 CN¥");
  EXPECT_EQ(owed("currency", "fr"), "1 286,50 CNY") << "ICU's no-break spaces become ordinary ones";
}

TEST(FieldCases, D5_EveryAmountCarriesItsOwnCurrency) {
  const auto money = [](const std::string& name) {
    return "{" + name + ", select, none {-} other {{" + name + ", number, ::unit-width-iso-code}}}";
  };
  const std::string pattern =
      money("amount") + "/" + money("owed") + "/" + money("balance") + "/" + money("credit_limit");
  struct Row {
    const char* paid_in;
    const char* owed_in;
    const char* text;
  };
  for (const auto& [paid_in, owed_in, text] : {
           Row{"EUR", "CNY", "EUR 10.00/CNY 100.00/-CNY 150.00/CNY 50.00"},
           Row{"CNY", "EUR", "CNY 10.00/EUR 100.00/-EUR 150.00/EUR 50.00"},
           Row{"JPY", "KWD", "JPY 10/KWD 100.000/-KWD 150.000/KWD 50.000"},
           Row{"", "USD", "10.00/USD 100.00/-USD 150.00/USD 50.00"},
           Row{"USD", "", "USD 10.00/100.00/-150.00/50.00"},
       }) {
    MessageContext context = full();
    context.amount = Amount::parse("10").value();
    context.amount_currency = paid_in;
    context.owed = Amount::parse("100").value();
    context.balance = Amount::parse("-150").value();
    context.credit_limit = Amount::parse("50").value();
    context.currency = owed_in;
    EXPECT_EQ(render(pattern, context), text);
    context.owed.reset();
    context.credit_limit.reset();
    EXPECT_THAT(render(pattern, context), HasSubstr("/-/")) << "owed is what policy says, never worked out of balance";
  }
}

TEST(CompiledText, writes_the_sign_of_a_currency_where_every_handset_has_it) {
  const auto owed = [](const char* currency, const std::string& tag) {
    MessageContext context = full();
    context.currency = currency;
    return render("{owed, select, none {} other {{owed, number, sign}}}", context, tag);
  };
  EXPECT_EQ(owed("GBP", "en"), "\u00a31,286.50");
  EXPECT_EQ(owed("EUR", "en"), "\u20ac1,286.50");
  EXPECT_EQ(owed("USD", "en"), "$1,286.50");
  EXPECT_EQ(owed("CNY", "en"), "CNY 1,286.50") << "CN\u00a5 in English";
  EXPECT_EQ(owed("INR", "en"), "INR 1,286.50") << "no handset's alphabet has the rupee sign";
  EXPECT_EQ(owed("CNY", "zh-CN"), "\u00a51,286.50");
  EXPECT_EQ(owed("EUR", "de"), "1.286,50 \u20ac");
  EXPECT_EQ(owed("CHF", "de-CH"), "CHF 1\u2019286.50");
}

TEST(CompiledText, selects_by_presence_and_by_word) {
  for (const char* const name :
       {"brand", "owed", "balance", "amount", "currency", "due_at", "suspend_at", "exhausts_at", "charge_at", "product",
        "manager_name", "customer_msisdn", "task", "brand_name", "pay", "call"}) {
    const std::string pattern = "{" + std::string(name) + ", select, none {missing} other {there}}";
    EXPECT_EQ(render(pattern, full()), "there") << name;
    EXPECT_EQ(render(pattern, bare()), "missing") << name;
  }
  const char* const by_state = "{state, select, suspended {off} clear {fine} other {owing}}";
  MessageContext context = full();
  EXPECT_EQ(render(by_state, context), "owing");
  context.state = CreditState::suspended;
  EXPECT_EQ(render(by_state, context), "off");
  EXPECT_EQ(render("{currency, select, CNY {{currency}!} none {-} other {{currency}?}}", full()), "CNY!");
  EXPECT_EQ(render("{currency, select, USD {{currency}!} none {-} other {{currency}?}}", full()), "CNY?");
  EXPECT_EQ(render("{currency, select, USD {{currency}!} none {-} other {{currency}?}}", bare()), "-");
  EXPECT_EQ(render("{account, select, none {no} other {{account}}}", full()), "138001380001");
  context.account = AccountId();
  EXPECT_EQ(render("{account, select, none {no} other {{account}}}", context), "no");
}

/// Where both can do the same, ICU's own formatter is the judge.
TEST(CompiledText, reads_icu_syntax_as_icu_does) {
  for (const char* const pattern : {
           "it's {account}''s",
           "'{'account'}' {account}",
           "'{'account'}' '{'x, y'}'",
           "don't '{quote' {account}",
           "{account, select, 138001380001 {it is {account}} other {no}}",
           "{account, select, x {x} other {a '{' {account} '}' b}}",
           "{step, plural, =2 {exactly two} one {# day} other {# days}}",
           "{step, plural, offset:1 one {you and one more (#)} other {you and # more}}",
           "{step, plural, one {one} other {'#' is #}}",
           "{step, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}",
           "{step, plural, other {{account, select, other {# {account}}}}}",
           "{credit_level, plural, other {{step, plural, one {a} other {#}} #}}",
           "{step}{credit_level}",
           "  {account}  \n",
           "",
       }) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::MessageFormat format(icu::UnicodeString::fromUTF8(pattern), icu::Locale("en"), status);
    const std::array<icu::UnicodeString, 3> names = {u"account", u"step", u"credit_level"};
    const std::array<icu::Formattable, 3> values = {icu::Formattable(icu::UnicodeString(u"138001380001")),
                                                    icu::Formattable(std::int32_t{2}),
                                                    icu::Formattable(std::int32_t{7})};
    icu::UnicodeString expected;
    format.format(names.data(), values.data(), 3, expected, status);
    ASSERT_TRUE(U_SUCCESS(status)) << pattern;
    std::string utf8;
    expected.toUTF8String(utf8);
    EXPECT_EQ(render(pattern, full()), utf8) << pattern;
  }
}

struct Wrong {
  const char* name;
  const char* pattern;
  const char* message;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.name;
}

class WrongPattern : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongPattern, is_refused_with_the_reason_and_the_place) {
  const auto compiled = CompiledText::compile(GetParam().pattern, formats_of("en"));
  ASSERT_FALSE(compiled);
  ASSERT_EQ(compiled.error().size(), 1U);
  EXPECT_THAT(compiled.error().front(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongPattern,
    ::testing::Values(
        Wrong{"unknown_argument", "费用 {event_tme, date, ::MMMdHmm}",
              "unknown argument 'event_tme' (character 5); did you mean \"event_time\"?"},
        Wrong{"unknown_and_far", "{wibble}",
              "unknown argument 'wibble' (character 2); expected one of: event_time, now,"},
        Wrong{"numbered", "a {0}", "unknown argument '0' (character 4)"},
        Wrong{"brace_not_closed", "hello {account", "a brace has no partner (from character 1 on, 'hello {account')"},
        Wrong{"argument_without_type", "hello {account, {}}", "no message pattern (from character"},
        Wrong{"select_without_other", "{state, select, clear {a}}",
              "a select or plural lacks the branch 'other' (from character"},
        Wrong{"not_utf8", "abc\xff", "not UTF-8 at byte 3"},
        Wrong{"may_be_missing", "{product}",
              "'product' may be missing (character 2): put it into the second branch of {product, select, none {...}"},
        Wrong{"amount_may_be_missing", "{owed, number, currency}", "'owed' may be missing"},
        Wrong{"time_may_be_missing", "{suspend_at, date, ::MMMd}", "'suspend_at' may be missing"},
        Wrong{"used_in_its_own_none", "{product, select, none {{product}} other {}}", "'product' may be missing"},
        Wrong{"other_without_none", "{product, select, X {} other {{product}}}", "'product' may be missing"},
        Wrong{"guarded_by_another", "{brand, select, none {} other {{product}}}", "'product' may be missing"},
        Wrong{"behind_its_guard", "{brand, select, none {} other {}}{brand}", "'brand' may be missing (character 35)"},
        Wrong{"bare_amount", "{owed, select, none {} other {{owed}}}",
              "'owed' cannot be written like this (character 32); write {owed, number, currency}"},
        Wrong{"amount_without_style", "{owed, select, none {} other {{owed, number}}}",
              "write {owed, number, currency}"},
        Wrong{"bare_time", "{event_time}", "write {event_time, date, ::MMMdHmm}"},
        Wrong{"time_as_number", "{event_time, number}", "write {event_time, date, ::MMMdHmm}"},
        Wrong{"account_as_number", "{account, number, integer}", "write {account} or {account, select"},
        Wrong{"bare_word", "{state}", "write {state, select, ... other {...}}"},
        Wrong{"plural_of_text", "{account, plural, other {}}", "'account' cannot be written like this"},
        Wrong{"select_of_number", "{step, select, other {}}", "write {step} or {step, plural"},
        Wrong{"choice", "{step, choice, 0#none|1#one}", "write {step} or {step, plural"},
        Wrong{"unknown_money_style", "{owed, select, none {} other {{owed, number, curency}}}",
              "unknown style 'curency' (character 45); did you mean \"currency\"?"},
        Wrong{"state_that_is_none", "{state, select, suspendet {} other {}}",
              "'state' is never 'suspendet' (character 17); did you mean \"suspended\"?"},
        Wrong{"presence_by_word", "{owed, select, known {} other {}}", "'owed' cannot be told apart by 'known'"},
        Wrong{"branch_twice", "{brand, select, a {1} a {2} other {}}", "'a' stands here twice (character 23)"},
        Wrong{"plural_category", "{step, plural, single {} other {}}", "unknown plural category 'single'"},
        Wrong{"plural_fraction", "{step, plural, =1.5 {} other {}}", "unknown plural category '=1.5'"},
        Wrong{"plural_offset", "{step, plural, offset:99999999999999999999 other {#}}", "the offset of a plural is a"},
        Wrong{"plural_offset_with_fraction", "{step, plural, offset:0.5 other {#}}", "the offset of a plural is a"},
        Wrong{"date_letter", "{event_time, date, yyyy-PP}", "'yyyy-PP' has no date field 'P'"},
        Wrong{"zone_shown", "{event_time, date, HH:mm zzz}", "shows a time zone"},
        Wrong{"zone_shown_by_name", "{event_time, time, full}", "shows a time zone"},
        Wrong{"empty_skeleton", "{event_time, date, ::}", "is no date skeleton"}),
    [](const auto& row) { return row.param.name; });

TEST(CompiledText, reports_every_mistake_of_a_text) {
  const auto compiled =
      CompiledText::compile("{acount} {owed} {state, select, clear {{tme}} other {}}", formats_of("en"));
  ASSERT_FALSE(compiled);
  EXPECT_THAT(compiled.error(),
              ElementsAre(HasSubstr("'acount'"), HasSubstr("'owed' cannot"), HasSubstr("unknown argument 'tme'")));
}

TEST(CompiledText, refuses_nesting_that_no_text_needs) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{brand,select,other{";
  for (int i = 0; i < 1000; ++i) deep += "}}";
  const auto compiled = CompiledText::compile(deep, formats_of("en"));
  ASSERT_FALSE(compiled);
  EXPECT_THAT(compiled.error().front(), HasSubstr("longer than 8000 bytes"));
}

TEST(CompiledText, knows_what_every_rendering_shows_of_the_event_time) {
  struct Row {
    const char* pattern;
    DateFields shown;
  };
  using namespace date_field;
  for (const auto& [pattern, shown] : {
           Row{"none", 0},
           Row{"{event_time, date, ::MMMdHmm}", all},
           Row{"{event_time, date, ::MMMdjmm}", all},  // 10:30 PM
           Row{"{event_time, date, MMM d} {event_time, time, HH:mm}", all},
           Row{"{event_time, date, ::MMMd}", month | day},
           Row{"{event_time, date, MMM d h:mm a}", all},
           Row{"{event_time, date, MMM d 'H'}", month | day},
           Row{"{now, date, ::MMMdHmm}", 0},
           Row{"{brand, select, none {{event_time, date, ::MMMdHmm}} other {}}", 0},
           Row{"{brand, select, none {{event_time, date, ::MMMdHmm}} other {{event_time, date, ::Hmm}}}",
               hour | minute},
           Row{"{brand, select, none {{event_time, date, ::MMMd}} other {{event_time, date, long}}}", month | day},
           Row{"{step, plural, one {} other {{event_time, date, ::MMMdHmm}}}", 0},
       }) {
    const auto compiled = CompiledText::compile(pattern, formats_of("en"));
    ASSERT_TRUE(compiled) << compiled.error().front();
    EXPECT_EQ(compiled->event_time_fields(), shown) << pattern;
  }
}

}  // namespace
}  // namespace dun::messages
