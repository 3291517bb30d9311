#include "messages/typography.hpp"

#include "messages/formats.hpp"
#include "messages/segmentation.hpp"

#include <gmock/gmock.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <string>
#include <string_view>

namespace dun::messages {
namespace {

bool is_gsm7(std::string_view text) {
  return first_outside_gsm7(text).empty();
}

TEST(FieldCases, S17_TypographyIsFoldedWhereTheTextThenStaysInTheGsmAlphabet) {
  struct Row {
    const char* text;
    const char* sent;
  };
  for (const auto& [text, sent] : {
           Row{"1\u2019286.50", "1'286.50"},                            // de-CH
           Row{"\u221212,50 kr", "-12,50 kr"},                          // sv, nb, fi
           Row{"1\u202f286,50\u00a0\u20ac", "1 286,50 \u20ac"},         // fr
           Row{"Mobile \u2013 50\u2009GB\u2026", "Mobile - 50 GB..."},  // a product
           Row{"\u201cAcme\u201d \u00abPlus\u00bb l\u2019an", "\"Acme\" \"Plus\" l'an"},
           Row{"\u2066+49\u2069 \u200bzero\u00ad-width\ufeff", "+49 zero-width"},
           Row{"plain {text} [~^|\\] \u20ac", "plain {text} [~^|\\] \u20ac"},
           Row{"", ""},
           // What needs UCS-2 all the same keeps what it was written with.
           Row{"\u201c\u8bdd\u8d39\u201d\u2014\u2014", "\u201c\u8bdd\u8d39\u201d\u2014\u2014"},
           Row{"ao\u00fbt \u2019", "ao\u00fbt \u2019"},
           Row{"a\u2019\xff", "a\u2019\xff"},
       })
    EXPECT_EQ(as_sent(text), sent);
}

TEST(FieldCases, S17_WhateverIcuWritesAroundLatinLettersAndDigitsFitsTheAlphabet) {
  std::int32_t count_of_locales = 0;
  const icu::Locale* const locales = icu::Locale::getAvailableLocales(count_of_locales);
  int looked_at = 0, folded = 0;
  for (std::int32_t i = 0; i < count_of_locales; ++i) {
    Formats formats(locales[i]);
    std::string text;
    for (const char* const amount : {"-1286.5", "1234567.891", "0.5"})
      for (const MoneyStyle style : {MoneyStyle::code, MoneyStyle::hidden, MoneyStyle::sign})
        formats.append_money(style, Amount::parse(amount).value(), "EUR", text);
    for (const char* const skeleton : {"::MMMdHmm", "::yMMMEd", "::jmm"}) {
      const auto style = formats.date_style("date", skeleton);
      ASSERT_TRUE(style) << locales[i].getName() << ' ' << skeleton << ' ' << style.error();
      for (int hour = 0; hour < 24 * 400; hour += 131)
        formats.append_date(**style, Instant(std::chrono::hours(hour)), text);
    }
    // Where letters, digits and marks are in the alphabet, so is everything else.
    bool letters_fit = true;
    const auto characters = icu::UnicodeString::fromUTF8(text);
    for (std::int32_t at = 0; at < characters.length(); at = characters.moveIndex32(at, 1)) {
      std::string one;
      icu::UnicodeString(characters.char32At(at)).toUTF8String(one);
      const bool counts =
          u_isalnum(characters.char32At(at)) != 0 || u_charType(characters.char32At(at)) <= U_ENCLOSING_MARK;
      letters_fit = letters_fit && (!counts || is_gsm7(one));
    }
    if (!letters_fit) continue;
    ++looked_at;
    folded += is_gsm7(text) ? 0 : 1;
    const std::string sent = as_sent(text);
    EXPECT_TRUE(is_gsm7(sent)) << locales[i].getName() << ": " << named_character(first_outside_gsm7(sent));
  }
  EXPECT_GT(looked_at, 150);
  EXPECT_GT(folded, 20) << "or nothing was folded at all";
}

TEST(FieldCases, S26_ACharacterThatCannotBeSeenIsNamed) {
  EXPECT_EQ(named_character("\u00fb"), "'\u00fb' (U+00FB LATIN SMALL LETTER U WITH CIRCUMFLEX)");
  EXPECT_EQ(named_character("\u200bx"), "U+200B ZERO WIDTH SPACE");
  EXPECT_EQ(named_character("\u202e"), "U+202E RIGHT-TO-LEFT OVERRIDE");
  EXPECT_EQ(named_character("\u0301"), "U+0301 COMBINING ACUTE ACCENT");
  EXPECT_EQ(named_character("\u00a0"), "U+00A0 NO-BREAK SPACE");
  EXPECT_EQ(named_character("\t"), "U+0009 <control-0009>");
  EXPECT_EQ(named_character("\U0001f600"), "'\U0001f600' (U+1F600 GRINNING FACE)");
  EXPECT_EQ(named_character("\u8bdd"), "'\u8bdd' (U+8BDD CJK UNIFIED IDEOGRAPH-8BDD)");
  EXPECT_EQ(named_character("\xe9t"), "the byte 0xE9");
  EXPECT_EQ(named_character(""), "the byte 0x00");
}

TEST(FieldCases, S38_AccentsAreComposedBeforeAnythingIsCounted) {
  EXPECT_EQ(as_sent("cafe\u0301"), "caf\u00e9");
  EXPECT_EQ(as_sent("A\u030angstro\u0308m n\u0303"), "\u00c5ngstr\u00f6m \u00f1");
  EXPECT_EQ(count(as_sent("cafe\u0301")).value().encoding, Encoding::gsm7);
  EXPECT_EQ(as_sent("ao\u0075\u0302t"), "ao\u00fbt") << "composed also where it needs UCS-2 all the same";
  EXPECT_EQ(as_sent("\u1100\u1161"), "\uac00");
}

}  // namespace
}  // namespace dun::messages
