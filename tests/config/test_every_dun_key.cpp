// Every key of dun.toml reaches the option that a part of the service is made of, and a test shows what that part makes
// of it; and every key of the texts changes what is read: a row each.
#include "config/dun_loader.hpp"
#include "config/messages_loader.hpp"
#include "messages/catalogue.hpp"
#include "tests/config/every_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

namespace dun::test {
namespace {

using config::DunOptions;
using Lines = std::vector<std::string>;

// --------------------------------------------------------------------------------------------------------- dun.toml

struct Read {
  DunOptions options;
  config::Mistakes mistakes;
};

Read read_dun(const std::string& text) {
  Read read;
  const config::Document document(text, "dun.toml", read.mistakes);
  config::read_dun(document.root(), config::Secrets::required, read.options);
  document.finish();
  return read;
}

struct DunRow {
  std::string key, value;
  std::string (*read)(const DunOptions& dun);  ///< the option, as the part gets it
  std::string test, word;                      ///< what shows the effect, and the word by which it says so
  std::vector<Setting> given = {};
};

std::string number(std::int64_t value) {
  return std::to_string(value);
}

std::vector<DunRow> process_rows() {
  using Dun = const DunOptions&;
  const std::string settings = "TextCommand.follows_the_settings_of_the_configuration";
  return {
      {"owner", "\"us\"", [](Dun dun) { return dun.owner; }, "integration.two_processes", "\"--owner\""},
      {"roles", "[\"console\"]", [](Dun dun) { return number(static_cast<int>(dun.roles.front())); },
       "integration.two_processes", "\"--roles\""},
      {"outcomes.public", "[\"task.*\"]",
       [](Dun dun) { return number(static_cast<int>(dun.redis.published.has(OutcomeType::notice_sent))); },
       "RedisStoreTest.ConfiguredOutcomesGoToThePublicStreamInTheSameTransaction", ".published ="},
      {"console.listen", "\"127.0.0.1:81\"", [](Dun dun) { return number(dun.listen.port); },
       "integration.field_cases_listener", "\"127.0.0.1:8620\""},
      {"console.health", "\"127.0.0.1:82\"", [](Dun dun) { return number(dun.health ? dun.health->port : 0); },
       "FieldCases.C5_HealthHasAListenerOfItsOwn", ".health ="},
      {"security.key", "\"0123456789abcdef0123456789abcdef\"", [](Dun dun) { return dun.key; },
       "FieldCases.C6_TheSameNoticeHasTheSameReferenceAndAnotherKeyAnother", "Seal("},
      {"messages.default_lang", "\"en\"", [](Dun dun) { return dun.messages.default_lang; }, settings, "default_lang"},
      {"messages.parts_max", "5", [](Dun dun) { return number(dun.messages.parts_max); }, settings, "parts_max"},
      {"engine.batch_max", "7", [](Dun dun) { return number(static_cast<int>(dun.engine.batch_max)); },
       "Review.TakesNoMoreAtATimeThanABatchAndSaysHowFarItIs", "batch_max"},
      {"engine.idle_look", "\"2s\"", [](Dun dun) { return to_text(dun.engine.idle_look); },
       "Engine.AnIdlePartitionLooksByItselfAsOftenAsConfigured", "idle_look"},
  };
}

std::vector<DunRow> redis_rows() {
  using Dun = const DunOptions&;
  const std::string store = "RedisStoreTest.";
  const std::string link = "LinkTest.";
  const std::string trimmed = store + "StreamsAreTrimmedByAgeAndTheUnreadNever";
  return {
      {"redis.url", "\"redis+cluster://h:1\"", [](Dun dun) { return dun.redis.site.display(); }, "integration.cluster",
       "cluster.url"},
      {"redis.prefix", "\"ours\"", [](Dun dun) { return dun.redis.prefix; }, "integration.field_cases_tools",
       "\"--prefix\""},
      {"redis.partitions", "4", [](Dun dun) { return number(dun.engine.partitions); }, "integration.two_processes",
       "partitions = {"},
      {"redis.buckets", "64", [](Dun dun) { return number(dun.redis.installation.buckets); },
       store + "OneCommandCarriesAllRecordsOfABucket", ".buckets ="},
      {"redis.lease_ttl", "\"20s\"",
       [](Dun dun) { return to_text(dun.redis.lease_ttl) + to_text(dun.engine.lease_ttl); },
       store + "ALeaseThatExpiresByItselfFences", ".lease_ttl ="},
      {"redis.connect_timeout", "\"6s\"", [](Dun dun) { return to_text(dun.redis.connect_timeout); },
       link + "AServerThatAcceptsAndSaysNothingIsGivenUp", ".connect_timeout ="},
      {"redis.deadline", "\"6s\"", [](Dun dun) { return to_text(dun.redis.deadline); },
       link + "AnOperationEndsByItsDeadlineAndTheConnectionIsMadeAnew", ".deadline ="},
      {"redis.wait_replicas", "1", [](Dun dun) { return number(dun.redis.replication().replicas); },
       store + "ACommitThatNoReplicaHasIsNotKnownToLast", ".replicas ="},
      {"redis.resend_wait", "\"2m\"", [](Dun dun) { return to_text(dun.redis.takeover().wait); },
       store + "AfterATakeoverTheBarrierIsOutOfReachForTheConfiguredTime", ".wait ="},
      {"retention.events", "\"25h\"", [](Dun dun) { return number(dun.redis.retention.events.count()); }, trimmed,
       ".events ="},
      {"retention.journal", "\"25h\"", [](Dun dun) { return number(dun.redis.retention.journal.count()); }, trimmed,
       ".journal ="},
      {"retention.outcomes", "\"25h\"", [](Dun dun) { return number(dun.redis.retention.outcomes.count()); }, trimmed,
       ".outcomes ="},
      {"retention.rejected", "\"25h\"", [](Dun dun) { return number(dun.redis.retention.rejected.count()); }, trimmed,
       ".rejected ="},
      {"retention.rejected_max", "9", [](Dun dun) { return number(dun.redis.retention.rejected_max); },
       store + "OfAFloodOfMalformedEventsTheNewestStay", ".rejected_max ="},
  };
}

std::vector<DunRow> connection_rows() {
  using Dun = const DunOptions&;
  const std::string tls = "TlsTest.";
  const std::string watched = "LinkTest.SentinelsHaveAUserAndAPasswordOfTheirOwn";
  const std::vector<Setting> sentinels = {{"redis.url", "\"redis+sentinel://h:1/main\""}};
  const std::vector<Setting> secure = {
      {"redis.url", "\"rediss://h:1\""}, {"redis.tls.cert_file", "\"a.pem\""}, {"redis.tls.key_file", "\"b.pem\""}};
  return {
      {"redis.sentinel.user", "\"me\"", [](Dun dun) { return dun.redis.site.sentinel_user; }, watched, "sentinel_user",
       sentinels},
      {"redis.sentinel.password", "\"x\"", [](Dun dun) { return dun.redis.site.sentinel_password; }, watched,
       "sentinel_password", sentinels},
      {"redis.tls.verify", "false", [](Dun dun) { return number(static_cast<int>(dun.redis.site.server.tls.verify)); },
       tls + "AnUnknownAuthorityIsNotTrustedUnlessVerificationIsOff", ".verify =", secure},
      {"redis.tls.ca_file", "\"ca.pem\"", [](Dun dun) { return dun.redis.site.server.tls.ca_file; },
       tls + "ATrustedServerIsSpokenToInSecret", ".ca_file =", secure},
      {"redis.tls.cert_file", "\"us.pem\"", [](Dun dun) { return dun.redis.site.server.tls.cert_file; },
       tls + "AClientCertificateIsShownToAServerThatAsksForIt", ".cert_file =", secure},
      {"redis.tls.key_file", "\"us.pem\"", [](Dun dun) { return dun.redis.site.server.tls.key_file; },
       tls + "AClientCertificateIsShownToAServerThatAsksForIt", ".key_file =", secure},
  };
}

std::vector<DunRow> dun_rows() {
  std::vector<DunRow> rows;
  for (auto part : {process_rows(), redis_rows(), connection_rows()}) std::ranges::move(part, std::back_inserter(rows));
  return rows;
}

TEST(EveryKey, OfDunIsReadForTheTestThatShowsIt) {
  for (const DunRow& row : dun_rows()) {
    EXPECT_TRUE(has_test(row.test, row.word)) << row.key << ": " << row.test << " with " << row.word;
    expect_effect({row.key, {{row.key, row.value}}, "", row.given}, shipped_file("dun.toml"),
                  [&](const std::string& text) {
                    const Read read = read_dun(text);
                    for (const auto& mistake : read.mistakes) ADD_FAILURE() << to_text(mistake);
                    return Lines{row.read(read.options)};
                  });
  }
}

TEST(EveryKey, OfDunIsShown) {
  std::set<std::string> shown;
  for (const DunRow& row : dun_rows()) shown.insert(row.key);
  expect_all_shown(known_keys([](const std::string& text) { return read_dun(text).mistakes; }), shown);
}

// ------------------------------------------------------------------------------------------------------------ texts

config::Mistakes read_texts(const std::string& text, std::vector<messages::LanguageSource>& languages) {
  config::Mistakes mistakes;
  const config::Document document(text, "en.toml", mistakes);
  languages.push_back(config::read_messages(document.root(), "en"));
  std::ranges::move(config::read_regions(document.root(), languages.front()), std::back_inserter(languages));
  document.finish();
  return mistakes;
}

/// What customers of two brands read of each kind, here and there; or what is wrong with the texts.
Lines texts(const std::string& text) {
  messages::CatalogueOptions options{.default_lang = "en"};
  for (const auto& mistake : read_texts(text, options.languages)) ADD_FAILURE() << to_text(mistake);
  const auto catalogue = messages::Catalogue::compile(options);
  Lines lines;
  if (!catalogue)
    for (const auto& mistake : catalogue.error()) lines.push_back(mistake.message);
  if (!catalogue) return lines;
  MessageContext context{.step = 2,
                         .zone = "Asia/Shanghai",
                         .account = AccountId("A1"),
                         .event_time = *parse_rfc3339("2026-03-02T10:00:00+08:00"),
                         .now = *parse_rfc3339("2026-03-02T22:00:00+08:00"),
                         .held = true,
                         .owed = Amount::parse("50").value(),
                         .currency = "CNY"};
  for (const std::string_view name : notice_kind_names())
    for (const std::string brand : {"", "lite"})
      for (const std::string lang : {"en", "en-NG"}) {
        context.kind = *notice_kind(name);
        context.brand = brand;
        context.lang = lang;
        lines.push_back(
            fmt::format("{} of '{}' in {}: {}", name, brand, lang, catalogue->render(context).value().text));
      }
  return lines;
}

/// What stands in that table of en.toml behind the opening quote.
std::string shipped_text(const std::string& table) {
  constexpr std::string_view text = "\ntext = \"";
  const std::string file = shipped_file("messages/en.toml");
  const std::size_t begin = file.find(text, file.find("\n[" + table + "]")) + text.size();
  return file.substr(begin, file.find('\n', begin) - begin);
}

std::vector<KeyRow> text_rows() {
  const auto row = [](const std::string& key, const std::string& value, const std::string& said) {
    return KeyRow{key, {{key, value}}, said};
  };
  std::vector<KeyRow> rows = {
      row("name", "\"Acme\"", "in en: Acme: "),
      row("pay", "\"acme.example\"", "Pay: acme.example"),
      row("call", "\"10000\"", "Call 10000"),
      row("brand.lite.name", "\"Lite\"", "of 'lite' in en: Lite: "),
      row("brand.lite.pay", "\"lite.example\"", "Pay: lite.example"),
      row("brand.lite.call", "\"10001\"", "Call 10001"),
      row("regions", "[\"en-NG\"]", "2 Mar"),
      {"gsm7_only",
       {{"gsm7_only", "true"}},
       "is not in the GSM",
       {{"gsm7_only", "false"}, {"signature.text", "\"中\""}}},
      {"brand", {{"brand.lite.signature.text", "\"LITE \""}}, "of 'lite' in en: LITE "},
      {"signature", {{"signature.text", "\"Us: \""}}, "in en: Us: "},
      {"held", {{"held.text", "\" (late)\""}}, " (late)"},
  };
  for (const std::string_view name : notice_kind_names()) {
    const std::string table = name == "dunning" ? "dunning.2" : std::string(name);
    rows.push_back({std::string(name),
                    {{table + ".text", "\"Changed: " + shipped_text(table)}},
                    fmt::format("{} of '' in en: Changed: ", name)});
  }
  return rows;
}

TEST(EveryKey, OfTheTextsChangesWhatIsRead) {
  for (const KeyRow& row : text_rows()) expect_effect(row, shipped_file("messages/en.toml"), texts);
}

TEST(EveryKey, OfTheTextsIsShown) {
  std::set<std::string> shown;
  for (const KeyRow& row : text_rows()) shown.insert(row.key);
  const auto read = [](const std::string& text) {
    std::vector<messages::LanguageSource> languages;
    return read_texts(text, languages);
  };
  std::set<std::string> known = known_keys(read, {"", "brand.lite"});
  // Below a brand stand the same kinds.
  std::erase_if(known, [](const std::string& key) {
    return key.starts_with("brand.lite.") && !key.ends_with(".name") && !key.ends_with(".pay") &&
           !key.ends_with(".call");
  });
  expect_all_shown(known, shown);
}

}  // namespace
}  // namespace dun::test
