#include "gateways/template.hpp"

#include <gmock/gmock.h>

#include <map>

namespace dun::gateways {
namespace {

class MapValues final : public TemplateValues {
 public:
  explicit MapValues(std::map<std::string, std::string, std::less<>> values) : values_(std::move(values)) {}
  TemplateValue value(std::string_view name, std::string_view argument) override {
    if (name == "bad") return std::unexpected("bad has no value");
    if (!argument.empty()) return std::string(argument);
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

Settings settings() {
  return {.environment = [](const std::string& name) -> std::optional<std::string> {
            if (name == "SECRET") return "s3cr&t";
            return std::nullopt;
          },
          .file = [](const std::string& path) -> std::expected<std::string, std::string> {
            if (path == "key.txt") return "from file";
            return std::unexpected("cannot read the file " + path);
          },
          .missing = std::nullopt};
}

std::string rendered(std::string_view text, Escape escape = Escape::none) {
  MapValues values(
      {{"to", "+8613800138000"}, {"text", "a \"b\" & <c>\n中"}, {"key", "Jefe"}, {"n", "42"}, {"empty", ""}});
  const auto parsed = Template::parse(text, settings());
  if (!parsed) return "parse error at " + std::to_string(parsed.error().offset) + ": " + parsed.error().message;
  const auto result = parsed->render(values, escape);
  if (!result) return "error: " + result.error();
  return *result ? **result : "absent";
}

struct Row {
  std::string_view text, result;
};

TEST(Template, RendersValuesSettingsAndFilters) {
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"{to}", "+8613800138000"},
      {"<{to}>", "<+8613800138000>"},
      {"{{{to}}}", "{+8613800138000}"},
      {"{{}}", "{}"},
      {"{env:SECRET}", "s3cr&t"},
      {"{env:ABSENT:-http://x:1/y}", "http://x:1/y"},
      {"{env:ABSENT:-}", ""},
      {"{file:key.txt}", "from file"},
      {"{utc:%Y-%m}", "%Y-%m"},
      {"{nothing}", "absent"},
      {"a{nothing}b", "absent"},
      {"{nothing|else(60)}", "60"},
      {"{n|else(60)}", "42"},
      {"{nothing|then(31)}", "absent"},
      {"{n|then(31)}", "31"},
      {"{nothing|hex}", "absent"},
      {"{empty}", ""},
      {"{n|number}", "42"},
      {"{to|number}", "error: number: \"+8613800138000\" is not one"},
      {"{n|hex}", "3432"},
      {"{n|hex|hex}", "33343332"},
      {"{n|md5|hex}", "a1d0c6e83f027327d8461063f4ac58a6"},
      {"{n|sha1|hex}", "92cfceb39d57d914ed8b14d0e37643de0797ae56"},
      {"{n|sha256|hex|upper}", "73475CB40A568E8DA8A045CED110137E159F890AC4DA883B6B17DC651B3A8049"},
      {"{n|base64}", "NDI="},
      {"{to|percent}", "%2B8613800138000"},
      {"{nothing|hmac_sha256(key)}", "absent"},
      {"{n|hmac_sha256(nothing)}", "absent"},
      {"{bad}", "error: bad has no value"},
      {"{n|hmac_md5(bad)}", "error: bad has no value"},
      {"{n|sha256|utf16be}", "error: utf16be: the value is not UTF-8"},
  };
  for (const Row& row : rows) EXPECT_EQ(rendered(row.text), row.result) << row.text;
}

TEST(Template, EscapesByThePlaceAndNeverItsOwnText) {
  EXPECT_EQ(rendered("x&{text}&y", Escape::url), "x&a%20%22b%22%20%26%20%3Cc%3E%0A%E4%B8%AD&y");
  EXPECT_EQ(rendered("\"{text}\"", Escape::json), R"("a \"b\" & <c>\n中")");
  EXPECT_EQ(rendered("<t>{text}</t>", Escape::xml), "<t>a &quot;b&quot; &amp; &lt;c&gt;\n中</t>");
}

TEST(Template, LeavesTheBaseOfAUrlAsItIsAndEscapesWhatFollows) {
  EXPECT_EQ(rendered("{env:ABSENT:-http://x:1/y}?k={env:SECRET}", Escape::url), "http://x:1/y?k=s3cr%26t");
}

TEST(Template, NamesWhatIsWrongAndWhere) {
  const Row rows[] = {
      {"ab{to", "parse error at 2: a { without its }; a brace as such is written {{"},
      {"ab}", "parse error at 2: a } without its {; a brace as such is written }}"},
      {"{}", "parse error at 0: expected a name of letters, digits and _ in {}"},
      {"x{to nr}", "parse error at 1: expected a name of letters, digits and _ in {to nr}"},
      {"{to|hexx}",
       "parse error at 0: unknown filter \"hexx\"; there are md5, sha1, sha256, sha512, hmac_md5, hmac_sha1, "
       "hmac_sha256, "
       "hmac_sha512, hex, base64, base64url, percent, lower, upper, utf16be, number, then, else"},
      {"{to|hmac_sha256}",
       "parse error at 0: the filter hmac_sha256 needs something in parentheses: hmac_sha256(the name of the key's "
       "value)"},
      {"{to|hmac_sha256(a b)}", "parse error at 0: hmac_sha256: expected the name of the value that is the key"},
      {"{to|hex(1)}", "parse error at 0: the filter hex takes nothing in parentheses"},
      {"{to|then(1}", "parse error at 0: the filter then lacks its closing )"},
      {"{env:}", "parse error at 0: expected the name of an environment variable, as in {env:NAME}"},
      {"..{env:ABSENT}",
       "parse error at 2: the environment variable ABSENT is not set, and {env:ABSENT} names no default "
       "({env:ABSENT:-default}); `dun check --without-secrets` checks the rest"},
      {"{file:}", "parse error at 0: expected the path of a file, as in {file:PATH}"},
      {"{file:none}", "parse error at 0: cannot read the file none"},
  };
  for (const Row& row : rows) EXPECT_EQ(rendered(row.text), row.result) << row.text;
}

TEST(Template, TellsItsSecretsApartFromWhatTheFileSays) {
  const auto parsed = Template::parse("{env:SECRET}x{env:ABSENT:-public}{file:key.txt}", settings());
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->secrets(), testing::ElementsAre("s3cr&t", "from file"));
  EXPECT_THAT(parsed->secrets(true), testing::ElementsAre("from file"));
}

TEST(Template, StandsInForMissingSettingsWhereNobodyNeedsThem) {
  Settings lenient = settings();
  lenient.missing = "unset";
  const auto parsed = Template::parse("{env:ABSENT}/{file:none}/{env:ABSENT:-default}", lenient);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->constant_beginning(), "unset/unset/default");
  EXPECT_THAT(parsed->secrets(), testing::IsEmpty());
}

}  // namespace
}  // namespace dun::gateways
