#include "messages/catalogue.hpp"

#include "messages/sample.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace dun::messages {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

/// What every text has to show, whatever its kind.
const std::string stamp =
    "{event_time, date, ::MMMdHmm} {account}{owed, select, none {} other { {owed, number, sign}}}"
    "{amount, select, none {} other { {amount, number, sign}}}{balance, select, none {} other { {balance, number, "
    "sign}}}";

/// A language in which every kind says its own name and the language's.
LanguageSource language(const std::string& lang) {
  LanguageSource source{.lang = lang, .file = lang + ".toml"};
  int line = 0;
  for (const std::string_view kind : notice_kind_names())
    source.texts.push_back({.kind = std::string(kind),
                            .pattern = lang + " " + std::string(kind) + " " + stamp,
                            .file = source.file,
                            .line = ++line,
                            .column = 8});
  source.texts.push_back({.kind = "held", .pattern = " (held)", .file = source.file, .line = ++line, .column = 8});
  return source;
}

CatalogueOptions options(const std::vector<std::string>& langs = {"zh-CN"}) {
  CatalogueOptions made;
  for (const std::string& lang : langs) made.languages.push_back(language(lang));
  return made;
}

/// Adds a text, or replaces the one for the same kind, step and brand.
void put(LanguageSource& source, const std::string& kind, int step, const std::string& brand,
         const std::string& pattern) {
  std::erase_if(source.texts,
                [&](const TextSource& t) { return t.kind == kind && t.step == step && t.brand == brand; });
  source.texts.push_back({.kind = kind,
                          .step = step,
                          .brand = brand,
                          .pattern = pattern,
                          .file = source.file,
                          .line = static_cast<int>(source.texts.size()) + 100,
                          .column = 8});
}

Catalogue compile(const CatalogueOptions& made) {
  auto compiled = Catalogue::compile(made);
  if (compiled) return *std::move(compiled);
  ADD_FAILURE() << compiled.error().front().message;
  throw std::runtime_error("the catalogue does not compile");
}

std::vector<TextMistake> mistakes(const CatalogueOptions& made) {
  auto compiled = Catalogue::compile(made);
  return compiled ? std::vector<TextMistake>() : compiled.error();
}

MessageContext context_for(NoticeKind kind, int step, const std::string& lang, const std::string& brand = "") {
  MessageContext context = sample_context(kind, step, false);
  context.lang = lang;
  context.brand = brand;
  return context;
}

TEST(Catalogue, finds_the_language) {
  struct Row {
    const char* asked;
    const char* got;
  };
  const Catalogue catalogue = compile(options({"zh-CN", "zh-Hant", "en", "en-GB", "pt-BR", "sr-Latn"}));
  for (const auto& [asked, got] : {
           Row{"zh-CN", "zh-CN"},      Row{"zh_cn", "zh-CN"},     Row{"ZH-cn", "zh-CN"},
           Row{"zh-Hans-CN", "zh-CN"}, Row{"zh-SG", "zh-CN"},     Row{"zh", "zh-CN"},
           Row{"zh-Hant", "zh-Hant"},  Row{"zh-TW", "zh-Hant"},   Row{"zh-Hant-HK", "zh-Hant"},
           Row{"zh-HK", "zh-Hant"},    Row{"en", "en"},           Row{"en-GB", "en-GB"},
           Row{"en-gb", "en-GB"},      Row{"en-US", "en"},        Row{"en-GB-oxendict", "en"},
           Row{"pt", "pt-BR"},         Row{"pt-PT", "pt-BR"},     Row{"sr-Latn-RS", "sr-Latn"},
           Row{"sr", "sr-Latn"},       Row{"sr-Cyrl", "sr-Latn"}, Row{"fr", "zh-CN"},
           Row{"", "zh-CN"},           Row{"und", "zh-CN"},       Row{"nonsense value!", "zh-CN"},
           Row{"x-klingon", "zh-CN"},  Row{"\xff\xfe", "zh-CN"},  Row{"en-", "zh-CN"},
       }) {
    EXPECT_EQ(catalogue.language_for(asked), got) << asked;
  }
}

TEST(Catalogue, uses_the_default_language_that_it_is_told) {
  CatalogueOptions made = options({"zh-CN", "en"});
  made.default_lang = "en";
  EXPECT_EQ(compile(made).language_for("fr"), "en");
  made.default_lang = "EN";
  EXPECT_EQ(compile(made).language_for("fr"), "en");
}

TEST(Catalogue, takes_the_highest_step_that_is_not_above) {
  CatalogueOptions made = options();
  auto& source = made.languages.front();
  put(source, "dunning", 2, "", "two " + stamp);
  put(source, "dunning", 5, "", "five " + stamp);
  const Catalogue catalogue = compile(made);
  const auto text = [&](int step) { return catalogue.render(context_for(NoticeKind::dunning, step, "zh-CN"))->text; };
  EXPECT_THAT(text(0), HasSubstr("zh-CN dunning"));
  EXPECT_THAT(text(1), HasSubstr("zh-CN dunning"));
  EXPECT_THAT(text(2), HasSubstr("two"));
  EXPECT_THAT(text(4), HasSubstr("two"));
  EXPECT_THAT(text(5), HasSubstr("five"));
  EXPECT_THAT(text(99), HasSubstr("five"));
}

TEST(Catalogue, takes_the_lowest_step_where_all_are_above) {
  CatalogueOptions made = options();
  auto& source = made.languages.front();
  std::erase_if(source.texts, [](const TextSource& t) { return t.kind == "dunning"; });
  put(source, "dunning", 3, "", "three " + stamp);
  put(source, "dunning", 2, "", "two " + stamp);
  EXPECT_THAT(compile(made).render(context_for(NoticeKind::dunning, 0, "zh-CN"))->text, HasSubstr("two"));
}

TEST(Catalogue, prefers_the_words_of_the_brand) {
  CatalogueOptions made = options();
  auto& source = made.languages.front();
  put(source, "signature", 0, "acme", "[acme] ");
  put(source, "signature", 0, "", "[all] ");
  put(source, "dunning", 1, "acme", "acme one " + stamp);
  put(source, "dunning", 2, "", "two " + stamp);
  const Catalogue catalogue = compile(made);
  const auto text = [&](int step, const std::string& brand) {
    return catalogue.render(context_for(NoticeKind::dunning, step, "zh-CN", brand))->text;
  };
  EXPECT_THAT(text(1, "acme"), HasSubstr("[acme] acme one"));
  EXPECT_THAT(text(2, "acme"), HasSubstr("[acme] two")) << "the step weighs more than the brand";
  EXPECT_THAT(text(1, "other"), HasSubstr("[all] zh-CN dunning"));
  EXPECT_THAT(text(1, ""), HasSubstr("[all] zh-CN dunning"));
}

TEST(Catalogue, puts_the_remark_behind_what_was_held) {
  const Catalogue catalogue = compile(options());
  for (std::size_t i = 0; i < notice_kinds; ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    EXPECT_THAT(catalogue.render(sample_context(kind, 0, false))->text, Not(HasSubstr("held")));
    EXPECT_TRUE(catalogue.render(sample_context(kind, 0, true))->text.ends_with(" (held)"));
  }
}

TEST(Catalogue, says_what_a_text_costs) {
  CatalogueOptions made = options({"zh-CN", "en"});
  put(made.languages.back(), "refund", 0, "", std::string(130, 'x') + stamp);
  const Catalogue catalogue = compile(made);
  const auto rendered = catalogue.render(context_for(NoticeKind::refund, 0, "en"));
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->encoding, Encoding::gsm7);
  EXPECT_EQ(rendered->parts, 2);
  EXPECT_EQ(rendered->version, catalogue.version());
  EXPECT_EQ(catalogue.render(context_for(NoticeKind::refund, 0, "zh-CN"))->encoding, Encoding::ucs2);
}

TEST(FieldCases, D24_AValueThatMakesATextTooLongDoesNotStopIt) {
  struct Row {
    const char* lang;
    std::string product;
    Encoding encoding;
  };
  CatalogueOptions made = options({"zh-CN", "en", "fr"});
  made.parts_max = 2;
  for (auto& language : made.languages)
    put(language, "charge", 0, "", "{product, select, none {} other {{product}}} " + stamp);
  const Catalogue catalogue = compile(made);
  EXPECT_EQ(catalogue.parts_max(), 2);
  for (const auto& [lang, product, encoding] : {
           Row{"en", std::string(320, 'p'), Encoding::gsm7},
           Row{"en", "Telef\u00f4nica" + std::string(130, 'p'), Encoding::ucs2},  // one letter, and 70 for 160
           Row{"fr", std::string(100, 'p') + "\u00fb\u00fb" + std::string(60, 'p'), Encoding::ucs2},
           Row{"zh-CN", std::string(200, 'p'), Encoding::ucs2},
       }) {
    MessageContext context = context_for(NoticeKind::charge, 0, lang);
    context.product = product;
    const auto rendered = catalogue.render(context);
    ASSERT_TRUE(rendered) << rendered.error();
    EXPECT_GT(rendered->parts, catalogue.parts_max());
    EXPECT_EQ(rendered->encoding, encoding) << rendered->text;
    EXPECT_THAT(rendered->text, HasSubstr(product)) << "never cut";
  }
  put(made.languages[1], "charge", 0, "", std::string(290, 'x') + stamp);
  EXPECT_THAT(mistakes(made).front().message, HasSubstr("the limit is 2")) << "of samples it is a mistake";
}

TEST(Catalogue, fails_with_a_reason_on_values_that_no_text_can_carry) {
  const Catalogue catalogue = compile(options());
  MessageContext context = sample_context(NoticeKind::dunning, 1, false);
  context.zone = "Mars/Olympus_Mons";
  EXPECT_THAT(catalogue.render(context).error(), HasSubstr("the tz database has no zone 'Mars/Olympus_Mons'"));
  context = sample_context(NoticeKind::dunning, 1, false);
  CatalogueOptions made = options();
  put(made.languages.front(), "dunning", 0, "", stamp);
  context.account = AccountId("a\xff");
  EXPECT_THAT(compile(made).render(context).error(), HasSubstr("not UTF-8 at byte 1"));
}

TEST(Catalogue, version_stands_for_every_text_and_limit) {
  const std::string version = compile(options()).version();
  EXPECT_EQ(version.size(), 8U);
  EXPECT_EQ(compile(options()).version(), version);
  CatalogueOptions moved = options();
  std::ranges::reverse(moved.languages.front().texts);
  EXPECT_EQ(compile(moved).version(), version) << "order is not content";
  CatalogueOptions changed = options();
  changed.languages.front().texts.front().pattern += ".";
  EXPECT_NE(compile(changed).version(), version);
  changed = options();
  changed.parts_max = 5;
  EXPECT_NE(compile(changed).version(), version);
  EXPECT_NE(compile(options({"zh-CN", "en"})).version(), version);
}

TEST(Catalogue, lists_what_there_is) {
  CatalogueOptions made = options({"zh-CN", "en"});
  put(made.languages.back(), "dunning", 2, "acme", stamp);
  std::vector<std::string> seen;
  for (const auto& entry : compile(made).entries())
    if (entry.kind == NoticeKind::dunning)
      seen.push_back(entry.lang + " " + std::to_string(entry.step) + " " + entry.brand);
  EXPECT_THAT(seen, ElementsAre("en 0 ", "en 2 acme", "zh-CN 0 "));
}

TEST(Catalogue, renders_in_many_threads_at_once) {
  CatalogueOptions made = options();
  put(made.languages.front(), "dunning", 0, "",
      "{account} {owed, select, none {} other {{owed, number, currency}}} {event_time, date, ::MMMdHmm}");
  const Catalogue catalogue = compile(made);
  const std::vector<std::string> currencies = {"CNY", "USD", "EUR", "JPY", "KWD", "IDR", "GBP", "XQZ"};
  const auto render_all = [&] {
    std::vector<std::string> texts;
    for (int i = 0; i < 400; ++i) {
      MessageContext context = sample_context(NoticeKind::dunning, 1, false);
      context.currency = currencies[static_cast<std::size_t>(i) % currencies.size()];
      context.owed = Amount::from_micros(i * 10'000);
      context.event_time += std::chrono::minutes(i);
      texts.push_back(catalogue.render(context)->text);
    }
    return texts;
  };
  std::vector<std::vector<std::string>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) threads.emplace_back([&] { result = render_all(); });
  }
  const auto expected = render_all();
  for (const auto& result : results) EXPECT_EQ(result, expected);
  EXPECT_EQ(expected[9], "138001380001 US$0.09 3月31日 22:39");
}

// ------------------------------------------------------------------------------------------------------- mistakes

/// Options with one thing wrong in `zh-CN.toml`, at line 113, and what is said about it.
struct Wrong {
  const char* name;
  std::function<void(LanguageSource&)> spoil;
  const char* message;
  int line = 113;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.name;
}

class WrongTexts : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongTexts, are_reported_where_they_stand) {
  CatalogueOptions made = options();
  GetParam().spoil(made.languages.front());
  const auto found = mistakes(made);
  ASSERT_EQ(found.size(), 1U) << found.back().message;
  EXPECT_EQ(found.front().file, "zh-CN.toml");
  EXPECT_EQ(found.front().line, GetParam().line);
  EXPECT_EQ(found.front().column, GetParam().line == 1 ? 1 : 8);
  EXPECT_THAT(found.front().message, HasSubstr(GetParam().message));
}

std::function<void(LanguageSource&)> with(const std::string& kind, int step, const std::string& brand,
                                          const std::string& pattern) {
  return [=](LanguageSource& source) { put(source, kind, step, brand, pattern); };
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongTexts,
    ::testing::Values(
        Wrong{"unknown_kind", with("duning", 0, "", stamp), "unknown kind 'duning'; did you mean \"dunning\"?"},
        Wrong{"negative_step", with("dunning", -1, "", stamp), "step -1 of 'dunning' is not possible"},
        Wrong{"step_of_signature", with("signature", 1, "", "x"), "step 1 of 'signature' is not possible"},
        Wrong{"pattern", with("dunning", 1, "", stamp + "{acount}"), "unknown argument 'acount' (character "},
        Wrong{"no_event_time", with("dunning", 1, "", "pay now"),
              "does not always show the event time to the minute (lacks month, day, hour, minute)"},
        Wrong{"event_time_without_clock", with("ops_alert", 1, "", "{event_time, date, ::MMMd}{account}"),
              "(lacks hour, minute)"},
        Wrong{"event_time_in_a_branch", with("dunning", 1, "", "x{brand, select, none {} other {" + stamp + "}}"),
              "does not always show"},
        Wrong{"empty", with("dunning", 1, "", ""), "does not always show"},
        Wrong{"line_break_at_the_end", with("dunning", 1, "", stamp + "\n"), "begins or ends with a space"},
        Wrong{"too_long", with("dunning", 1, "", std::string(600, 'x') + stamp), "SMS segments ("},
        Wrong{"no_held_remark",
              [](LanguageSource& s) { std::erase_if(s.texts, [](auto& t) { return t.kind == "held"; }); },
              "no text for 'held' in zh-CN", 1},
        Wrong{"no_text_for_a_kind",
              [](LanguageSource& s) { std::erase_if(s.texts, [](auto& t) { return t.kind == "refund"; }); },
              "no text for 'refund' in zh-CN; every kind needs one for all brands", 1},
        Wrong{"text_for_one_brand_only",
              [](LanguageSource& s) {
                std::erase_if(s.texts, [](auto& t) { return t.kind == "refund"; });
                put(s, "refund", 0, "acme", stamp);
              },
              "no text for 'refund' in zh-CN; every kind needs one for all brands", 1},
        Wrong{"two_texts_for_one_thing",
              [](LanguageSource& s) {
                TextSource again = s.texts[1];
                again.line = 113;
                s.texts.push_back(again);
              },
              "a second text for the same kind, step and brand ('dunning')"}),
    [](const auto& row) { return row.param.name; });

TEST(Catalogue, counts_what_goes_around_a_text) {
  CatalogueOptions made = options();
  put(made.languages.front(), "signature", 0, "acme", std::string(600, 'x'));
  const auto found = mistakes(made);
  ASSERT_EQ(found.size(), notice_kinds) << "one for every text that the long signature goes around";
  EXPECT_THAT(found.front().message, HasSubstr("with sample values for brand 'acme', the limit is 4"));
}

TEST(Catalogue, keeps_gsm7_where_it_is_demanded) {
  CatalogueOptions made = options({"zh-CN", "en"});
  auto& english = made.languages.back();
  english.gsm7_only = true;
  put(english, "refund", 0, "", "\u0163it's back " + stamp);
  put(english, "charge", 0, "", "{currency, select, KRW {\u20a9} other {}} " + stamp + ".");
  put(english, "escalation", 0, "",
      "{amount, select, none {} other {{amount, number, ::unit-width-iso-code}}} " + stamp);
  const auto found = mistakes(made);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].message,
              HasSubstr("(U+0163 LATIN SMALL LETTER T WITH CEDILLA) is not in the GSM 7-bit alphabet"));
  EXPECT_THAT(found[1].message, HasSubstr("'\u20a9' (U+20A9 WON SIGN) is not in the GSM 7-bit alphabet"))
      << "in a branch not taken";
}

TEST(Catalogue, finds_what_values_bring_into_a_gsm7_text) {
  CatalogueOptions made = options({"zh-CN"});
  made.languages.front().gsm7_only = true;  // but dates are written in Chinese here
  const auto found = mistakes(made);
  ASSERT_EQ(found.size(), notice_kinds);
  EXPECT_THAT(found.front().message, HasSubstr("gets into the text, for example on"));
}

TEST(Catalogue, reports_all_mistakes_in_the_order_of_files_and_lines) {
  CatalogueOptions made = options({"zh-CN", "en"});
  put(made.languages[0], "dunning", 1, "", stamp + "{a}{b}");
  put(made.languages[0], "refunds", 1, "", stamp);
  put(made.languages[1], "dunning", 0, "", "never");
  const auto found = mistakes(made);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].file, "en.toml");
  EXPECT_THAT(found[1], AllOf(Field(&TextMistake::file, "zh-CN.toml"), Field(&TextMistake::line, 113)));
  EXPECT_THAT(found[2], AllOf(Field(&TextMistake::file, "zh-CN.toml"), Field(&TextMistake::line, 113)));
  EXPECT_THAT(found[3], AllOf(Field(&TextMistake::file, "zh-CN.toml"), Field(&TextMistake::line, 114)));
}

TEST(Catalogue, needs_well_named_languages_and_the_default_one) {
  EXPECT_THAT(mistakes(CatalogueOptions{}).front().message, HasSubstr("no texts for the default language zh-CN"));
  EXPECT_THAT(mistakes(options({"en"})).front().message, HasSubstr("no texts for the default language zh-CN"));
  EXPECT_THAT(mistakes(options({"zh-CN", "not a tag"})).front().message, HasSubstr("'not a tag' is no language tag"));
  EXPECT_THAT(mistakes(options({"zh-CN", "zh_cn"})).front().message, HasSubstr("a second file for language zh-CN"));
  CatalogueOptions made = options();
  made.default_lang = "";
  EXPECT_THAT(mistakes(made).front().message, HasSubstr("no texts for the default language"));
}

}  // namespace
}  // namespace dun::messages
