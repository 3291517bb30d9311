// What people reported of texts, by the numbers of docs/field_cases.md.
#include "messages/catalogue.hpp"
#include "messages/compiled_text.hpp"
#include "messages/sample.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace dun::messages {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string stamp = "{event_time, date, ::MMMdHmm} {account}";
const std::string amounts =
    "{owed, select, none {} other { {owed, number, sign}}}{amount, select, none {} other { {amount, number, sign}}}"
    "{balance, select, none {} other { {balance, number, sign}}}";

std::vector<std::string> mistakes_in(const std::string& pattern, const std::string& tag = "en") {
  Formats formats{icu::Locale(tag.c_str())};
  auto compiled = CompiledText::compile(pattern, formats);
  return compiled ? std::vector<std::string>() : compiled.error();
}

/// A language that is right, with one text more.
LanguageSource language(const std::string& lang, const std::string& kind, const std::string& pattern, int step = 1,
                        const std::string& brand = "") {
  LanguageSource source{.lang = lang, .file = lang + ".toml"};
  for (const std::string_view each : notice_kind_names())
    source.texts.push_back({.kind = std::string(each), .pattern = stamp + amounts, .file = source.file, .line = 1});
  source.texts.push_back({.kind = "held", .pattern = " (late)", .file = source.file, .line = 2});
  source.texts.push_back(
      {.kind = kind, .step = step, .brand = brand, .pattern = pattern, .file = source.file, .line = 3, .column = 8});
  return source;
}

std::vector<std::string> mistakes_of(LanguageSource source, int parts_max = 4) {
  CatalogueOptions options{.default_lang = source.lang, .parts_max = parts_max};
  options.languages.push_back(std::move(source));
  const auto compiled = Catalogue::compile(options);
  std::vector<std::string> found;
  if (!compiled)
    for (const TextMistake& mistake : compiled.error()) found.push_back(mistake.message);
  return found;
}

TEST(FieldCases, D12_LettersThatShowAnotherDateAreRefusedInEveryArgumentAndForm) {
  struct Row {
    const char* style;
    const char* why;
  };
  for (const auto& [style, why] : {
           Row{"YYYY-MM-dd HH:mm", "'Y' is the year of the week"},
           Row{"::YYYYMMMdHmm", "'Y' is the year of the week"},
           Row{"d. MMM YYYY", "'Y' is the year of the week"},
           Row{"yyyy-mm-dd", "'m' is minutes, and no hour stands before it; the month is M"},
           Row{"yyyy-mm-dd HH:mm", "'m' is minutes, and no hour stands before it; the month is M"},
           Row{"dd.mm. HH:mm", "'m' is minutes"},
           Row{"::yyyymmdd", "'m' is minutes"},
           Row{"HH:MM", "'M' is the month, and behind an hour minutes are meant"},
           Row{"dd.MM.yyyy HH:MM", "'M' stands in it twice; minutes are m"},
           Row{"::MMMdHHMM", "'M' stands in it twice; minutes are m"},
           Row{"dd.MM. kk:mm", "'k' counts hours from 1"},
           Row{"::MMMdkmm", "'k' counts hours from 1"},
           Row{"dd.MM. KK:mm a", "'K' counts hours from 0 to 11"},
           Row{"::MMMdKmm", "'K' counts hours from 0 to 11"},
           Row{"DD.MM. HH:mm", "'D' is the day of the year"},
           Row{"::MMMDHmm", "'D' is the day of the year"},
           Row{"d MMM h:mm", "'h' does not tell morning from evening"},
           Row{"d MMM FF HH:mm", "'F' is no day of the month"},
       }) {
    for (const std::string argument :
         {"event_time", "now", "due_at", "suspend_at", "exhausts_at", "charge_at", "as_of"}) {
      for (const std::string type : {"date", "time"}) {
        std::string pattern = "{" + argument + ", " + type + ", " + style + "}";
        if (find_argument(argument)->optional) pattern = "{" + argument + ", select, none {} other {" + pattern + "}}";
        const auto found = mistakes_in(pattern);
        ASSERT_THAT(found, SizeIs(1)) << pattern;
        EXPECT_THAT(found.front(), HasSubstr(why)) << pattern;
      }
    }
  }
  for (const std::string style :
       {"yyyy-MM-dd HH:mm", "d. MMMM y, HH 'Uhr' mm", "MMM d, h:mm a", "::yMMMEdHmm", "::MMMdjmm", "HH 'h' mm, d MMM",
        "HH:mm dd.MM.yyyy", "EEEE d MMM H:mm", "'Years' yyyy", "mm 'm'"})
    EXPECT_THAT(mistakes_in("{event_time, date, " + style + "}"), style == "mm 'm'" ? SizeIs(1) : SizeIs(0)) << style;
}

/// `ao\u00fbt` is the only French month outside the GSM alphabet; there is no such day of the week.
TEST(FieldCases, S3_AMonthOutsideTheAlphabetIsFoundInAnyMonth) {
  for (const std::string style : {"::MMMdHmm", "::MMMMdHmm", "d MMMM HH:mm"}) {
    LanguageSource french = language("fr", "refund", "{event_time, date, " + style + "} {account}" + amounts, 0, "");
    french.gsm7_only = true;
    std::erase_if(french.texts, [](const TextSource& text) { return text.line == 1; });
    for (const std::string_view kind : notice_kind_names())
      if (kind != "refund")
        french.texts.push_back(
            {.kind = std::string(kind), .pattern = "{event_time, date, dd/MM HH:mm} {account}" + amounts});
    const auto found = mistakes_of(french);
    ASSERT_THAT(found, SizeIs(1)) << style;
    EXPECT_THAT(found.front(), HasSubstr("'\u00fb' (U+00FB LATIN SMALL LETTER U WITH CIRCUMFLEX) gets into the text"));
    EXPECT_THAT(found.front(), HasSubstr("for example on 2026-08-2"));
  }
}

TEST(FieldCases, S3_AWeekdayAndAnHourOutsideTheAlphabetAreFound) {
  struct Row {
    const char* lang;
    const char* style;
  };
  for (const auto& [lang, style] : {
           Row{"es", "EEE d/MM HH:mm"},   // s\u00e1b
           Row{"pt", "EEEE d/MM HH:mm"},  // ter\u00e7a
           Row{"vi", "d/MM h:mm B"},      // s\u00e1ng, only in the morning
           Row{"tr", "d/MM HH:mm EEEE"},  // sal\u0131
           Row{"pl", "d MMMM HH:mm"},     // wrze\u015bnia, pa\u017adziernika
       }) {
    LanguageSource source =
        language(lang, "dunning", "{event_time, date, " + std::string(style) + "} {account}" + amounts);
    source.gsm7_only = true;
    for (TextSource& text : source.texts)
      if (text.line == 1) text.pattern = "{event_time, date, dd/MM HH:mm} {account}" + amounts;
    EXPECT_THAT(mistakes_of(source), SizeIs(1)) << lang << ' ' << style;
  }
}

TEST(FieldCases, S3_TheLongestDateCountsForTheLimit) {
  // 160 characters in March and May, more in September.
  const std::string begin =
      "{event_time, date, EEEE d MMMM HH:mm} {account}{owed, select, none {} other { {owed, number, sign}}}";
  const std::string march = "Tuesday 31 March 22:30 138001380001 CNY 1,286.50";
  const std::string pattern = begin + " " + std::string(160 - march.size() - 1, 'x');
  LanguageSource source = language("en", "dunning", pattern);
  std::erase_if(source.texts, [](const TextSource& text) { return text.kind == "held"; });
  source.texts.push_back({.kind = "held", .pattern = "", .file = "en.toml"});
  MessageContext context = sample_context(NoticeKind::dunning, 1, true);
  CatalogueOptions options{.default_lang = "en", .parts_max = 2};
  options.languages.push_back(source);
  EXPECT_EQ(Catalogue::compile(options)->render(context)->parts, 1) << "March is right";
  EXPECT_THAT(mistakes_of(source, 1).front(), HasSubstr("takes 2 SMS segments"));
}

TEST(FieldCases, S3_TheSignOfSomeOtherCurrencyIsFound) {
  for (const std::string style : {"currency", "::unit-width-narrow", "::unit-width-full-name"}) {
    LanguageSource source =
        language("en", "dunning", stamp + "{owed, select, none {} other { {owed, number, " + style + "}}}");
    source.gsm7_only = true;
    const auto found = mistakes_of(source);
    if (style == "::unit-width-full-name") continue;  // ICU knows which names are plain
    ASSERT_THAT(found, SizeIs(1)) << style;
    EXPECT_THAT(found.front(), HasSubstr("not in the GSM 7-bit alphabet; write {..., number, sign}"));
  }
  LanguageSource source = language("en", "dunning", stamp + amounts);
  source.gsm7_only = true;
  EXPECT_THAT(mistakes_of(source), IsEmpty());
}

TEST(FieldCases, S4_AnApostropheThatQuotesAnArgumentIsRefused) {
  for (const std::string pattern :
       {"l'{account} du {event_time, date, ::MMMdHmm}", "'{account}'", "l'{ account } doit", "dell'{acount}",
        "{brand, select, none {} other {l'{account} deve {owed, select, none {} other {x}}}}",
        "c'est l'{event_time, date}", "it's 'quoted {account} and l'{account}'s", "never ended '{",
        "never ended '} {account}"}) {
    const auto found = mistakes_in(pattern);
    ASSERT_THAT(found, SizeIs(1)) << pattern;
    EXPECT_THAT(found.front(), HasSubstr("the apostrophe quotes what follows")) << pattern;
    EXPECT_THAT(found.front(), HasSubstr("write '' for an apostrophe")) << pattern;
  }
  for (const std::string pattern :
       {"l''{account} du {event_time, date, ::MMMdHmm}", "it's {account}", "'{'account'}'", "'{'this'}' is {account}",
        "'{x}'", "{event_time, date, d 'de' MMM 'o''clock' H}", "l\u2019{account}"})
    EXPECT_THAT(mistakes_in(pattern), IsEmpty()) << pattern;
  EXPECT_THAT(mistakes_in("l'{account} {owed").front(), HasSubstr("(character 2)"));
}

TEST(FieldCases, S25_BranchesThatAreNeverTakenAreSaid) {
  struct Row {
    const char* tag;
    const char* pattern;
    const char* why;
  };
  for (const auto& [tag, pattern, why] : {
           Row{"zh-CN", "{step, plural, one {a} other {b}}", "'step' is never 'one' (character 16); in this language"},
           Row{"zh-CN", "{credit_level, plural, few {a} other {b}}", "'credit_level' is never 'few'"},
           Row{"ja", "{step, plural, one {a} other {b}}", "'step' is never 'one'"},
           Row{"en", "{step, plural, two {a} other {b}}", "'step' is never 'two'"},
           Row{"en", "{step, plural, =1 {x} one {a} other {b}}", "'step' is never 'one'"},
           Row{"en", "{step, plural, =100 {x} other {b}}", "'step' is never '=100' (character 16); it is 0 to 99"},
           Row{"en", "{step, plural, =-1 {x} other {b}}", "'step' is never '=-1'"},
           Row{"en", "{brand, select, None {a} other {b}}",
               "'brand' is never 'None' (character 17); did you mean \"none\"?"},
           Row{"en", "{product, select, NONE {a} other {b}}", "did you mean \"none\"?"},
           Row{"en", "{brand, select, Other {a} other {b}}", "did you mean \"other\"?"},
           Row{"en", "{currency, select, cny {a} other {b}}", "'currency' is never 'cny'"},
           Row{"en", "{currency, select, RMB {a} other {b}}", "'currency' is never 'RMB'"},
           Row{"en", "{state, select, none {a} other {b}}", "'state' is never 'none'"},
           Row{"en", "{state, select, Suspended {a} other {b}}", "'state' is never 'Suspended'"},
           Row{"en", "{reason, select, depts {a} other {b}}",
               "'reason' is never 'depts' (character 18); did you mean \"debt\"?"},
           Row{"en", "{event_time, select, none {a} other {b}}", "'event_time' is never 'none'"},
           Row{"en", "{state, select, low {{state, select, clear {a} other {b}}} other {}}", "says that it is 'low'"},
           Row{"en", "{brand, select, lite {{brand, select, main {a} other {b}}} other {}}", "says that it is 'lite'"},
           Row{"en", "{owed, select, none {} other {{owed, select, none {a} other {b}}}}", "says that it is there"},
           Row{"en", "{owed, select, none {{owed, select, none {a} other {b}}} other {}}", "says that it is missing"},
       }) {
    const auto found = mistakes_in(pattern, tag);
    ASSERT_THAT(found, SizeIs(1)) << pattern;
    EXPECT_THAT(found.front(), HasSubstr(why)) << pattern;
  }
  for (const auto& [tag, pattern] : {
           std::pair{"en", "{step, plural, =2 {x} one {a} other {b}}"},
           std::pair{"ar", "{step, plural, zero {a} one {b} two {c} few {d} many {e} other {f}}"},
           std::pair{"pl", "{step, plural, one {a} few {b} many {c} other {d}}"},
           std::pair{"fr", "{credit_level, plural, one {a} many {b} other {c}}"},
           std::pair{"zh-CN", "{step, plural, =1 {a} other {b}}"},
           std::pair{"en", "{currency, select, CNY {a} none {b} other {c}}"},
           std::pair{"en", "{state, select, low {{owed, select, none {a} other {b}}} other {}}"},
       })
    EXPECT_THAT(mistakes_in(pattern, tag), IsEmpty()) << pattern;
}

TEST(FieldCases, D13_TextsTellTheTimeOf2040AsTheClockShowsIt) {
  CatalogueOptions options{.default_lang = "en"};
  options.languages.push_back(language("en", "dunning", "{event_time, date, yyyy-MM-dd HH:mm} {account}" + amounts));
  const auto catalogue = Catalogue::compile(options).value();
  struct Row {
    const char* zone;
    const char* instant;
    const char* shown;
  };
  for (const Row& row : {
           Row{"America/New_York", "2040-07-11T02:30:00Z", "2040-07-10 22:30"},
           Row{"America/New_York", "2040-12-11T02:30:00Z", "2040-12-10 21:30"},
           Row{"Europe/Berlin", "2077-08-01T10:00:00Z", "2077-08-01 12:00"},
           Row{"Australia/Lord_Howe", "2040-01-01T00:00:00Z", "2040-01-01 11:00"},
           Row{"Asia/Shanghai", "2040-07-11T02:30:00Z", "2040-07-11 10:30"},
       }) {
    MessageContext context = sample_context(NoticeKind::dunning, 1, false);
    context.zone = row.zone;
    context.event_time = *parse_rfc3339(row.instant);
    EXPECT_THAT(catalogue.render(context).value().text, HasSubstr(row.shown)) << row.zone;
  }
  MessageContext nowhere = sample_context(NoticeKind::dunning, 1, false);
  nowhere.zone = "Mars/Olympus";
  EXPECT_FALSE(catalogue.render(nowhere));
}

TEST(FieldCases, S26_CheckNamesTheCharacterThatNobodySees) {
  LanguageSource source = language("en", "dunning", stamp + amounts + " pay\u0338now");
  source.gsm7_only = true;
  EXPECT_THAT(mistakes_of(source).front(), HasSubstr("U+0338 COMBINING LONG SOLIDUS OVERLAY is not in the GSM 7-bit"));
}

TEST(FieldCases, S38_ADecomposedValueCostsNoMoreThanAComposedOne) {
  CatalogueOptions options{.default_lang = "en"};
  options.languages.push_back(
      language("en", "charge", stamp + amounts + "{product, select, none {} other { {product}}}"));
  const auto catalogue = Catalogue::compile(options).value();
  MessageContext context = sample_context(NoticeKind::charge, 1, false);
  context.product = "Cafe\u0301 \u2013 \u201cPlus\u201d";
  const auto rendered = catalogue.render(context).value();
  EXPECT_EQ(rendered.encoding, Encoding::gsm7);
  EXPECT_THAT(rendered.text, HasSubstr("Caf\u00e9 - \"Plus\""));
}

TEST(FieldCases, Check_ATextWithoutAccountOrAmountIsRefused) {
  const std::string time = "{event_time, date, ::MMMdHmm}";
  for (const std::string_view kind : notice_kind_names()) {
    if (kind == "ops_alert") continue;
    EXPECT_THAT(mistakes_of(language("en", std::string(kind), time + amounts)).front(),
                HasSubstr("does not always show the account"))
        << kind;
    const std::string in_a_branch = time + amounts + "{brand, select, none {{account}} other {}}";
    EXPECT_THAT(mistakes_of(language("en", std::string(kind), in_a_branch)), SizeIs(1)) << kind;
    const auto found = mistakes_of(language("en", std::string(kind), stamp));
    if (kind == "resumed") {
      EXPECT_THAT(found, IsEmpty());
      continue;
    }
    ASSERT_THAT(found, SizeIs(1)) << kind;
    EXPECT_THAT(found.front(), HasSubstr("never shows the amount: write {")) << kind;
  }
}

TEST(FieldCases, Check_ABracketOfASignatureThatIsMissingIsSeen) {
  for (const std::string signature : {"【Acme", "Acme】", "【Acme]", "[Acme", "Acme) ", "（Acme)", "】Acme【"})
    EXPECT_THAT(mistakes_of(language("zh-CN", "signature", signature, 0)).front(), HasSubstr("has no partner"))
        << signature;
  for (const std::string signature : {"【Acme】", "[Acme] ", "Acme (Plus): ", "Acme: "})
    EXPECT_THAT(mistakes_of(language("zh-CN", "signature", signature, 0)), IsEmpty()) << signature;
  EXPECT_THAT(mistakes_of(language("zh-CN", "held", "（延迟", 0, "lite")).front(), HasSubstr("'（' has no partner"));
  EXPECT_THAT(mistakes_of(language("zh-CN", "dunning", "【Acme " + stamp + amounts)).front(),
              HasSubstr("has no partner"));
}

TEST(FieldCases, Check_AFullWidthBraceIsNoBrace) {
  for (const std::string text : {"您的账户｛account｝", "欠费{owed｝", "欠费｛owed}"}) {
    const auto found = mistakes_of(language("zh-CN", "dunning", stamp + amounts + text));
    ASSERT_THAT(found, Not(IsEmpty())) << text;
  }
  EXPECT_THAT(mistakes_of(language("zh-CN", "dunning", stamp + amounts + "｛account｝")).front(),
              HasSubstr("(U+FF5B FULLWIDTH LEFT CURLY BRACKET) would be printed as it is; write { and }"));
}

TEST(FieldCases, Check_WhoWritesIsNamedByBrandAndNeverByItsCode) {
  LanguageSource source = language("en", "signature", "{brand_name, select, none {} other {{brand_name}: }}", 0);
  source.texts.push_back(
      {.kind = "refund",
       .step = 1,
       .pattern = stamp + amounts + "{pay, select, none {} other { {pay}}}{call, select, none {} other { {call}}}"});
  source.senders = {{.brand = "", .key = "call", .text = "10000"},
                    {.brand = "main", .key = "name", .text = "Acme"},
                    {.brand = "main", .key = "pay", .text = "acme.example"},
                    {.brand = "lite", .key = "name", .text = "Acme Lite"},
                    {.brand = "lite", .key = "call", .text = "10001"}};
  CatalogueOptions options{.default_lang = "en"};
  options.languages.push_back(source);
  const auto catalogue = Catalogue::compile(options).value();
  const auto text = [&](const std::string& brand) {
    MessageContext context = bare_sample_context(NoticeKind::refund, 1, false);
    context.brand = brand;
    return catalogue.render(context)->text;
  };
  const std::string rest = "Mar 31, 22:30 138001380001";
  EXPECT_EQ(text("main"), "Acme: " + rest + " acme.example 10000");
  EXPECT_EQ(text("lite"), "Acme Lite: " + rest + " 10001");
  EXPECT_EQ(text("unlisted"), rest + " 10000");
  EXPECT_EQ(text(""), rest + " 10000");

  source.gsm7_only = true;
  source.senders.push_back(
      {.brand = "t", .key = "name", .text = "Telef\u00f4nica", .file = "en.toml", .line = 9, .column = 8});
  EXPECT_THAT(mistakes_of(source).front(), HasSubstr("name: '\u00f4' (U+00F4"));
  source.senders.back().text = "two\nlines";
  EXPECT_THAT(mistakes_of(source).front(), HasSubstr("holds a line break"));
}

TEST(FieldCases, Texts_ARegionReadsItsOwnDatesInTheSameWords) {
  CatalogueOptions options{.default_lang = "en"};
  options.languages.push_back(language("en", "refund", "as of " + stamp + amounts));
  for (const char* const tag : {"en-GB", "en-IN"}) {
    options.languages.push_back(options.languages.front());
    options.languages.back().lang = tag;
    options.languages.back().regional = true;
  }
  const auto catalogue = Catalogue::compile(options).value();
  const auto text = [&](const std::string& lang) {
    MessageContext context = sample_context(NoticeKind::refund, 1, false);
    context.lang = lang;
    context.amount = Amount::parse("-1234567.5").value();
    return catalogue.render(context)->text;
  };
  EXPECT_THAT(text("en"), HasSubstr("Mar 31, 22:30"));
  EXPECT_THAT(text("en-US"), HasSubstr("Mar 31, 22:30"));
  EXPECT_THAT(text("en-GB"), HasSubstr("31 Mar, 22:30"));
  EXPECT_THAT(text("en-IN"), HasSubstr("CNY 12,34,567.50"));
  for (const auto& entry : catalogue.entries()) EXPECT_EQ(entry.lang, "en") << "the same texts, listed once";
  options.languages[1].texts.back().pattern += "{acount}";
  options.languages[0].texts.back().pattern += "{acount}";
  EXPECT_THAT(Catalogue::compile(options).error(), SizeIs(1)) << "and one mistake, not one a region";
}

}  // namespace
}  // namespace dun::messages
