#include "config/load.hpp"

#include "config/describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace dun::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace fs = std::filesystem;

/// A copy of the shipped configuration to do harm to.
class Load : public testing::Test {
 protected:
  Load() {
    fs::create_directories(directory_);
    fs::copy(DUN_SOURCE_DIR "/config", directory_, fs::copy_options::recursive);
  }
  ~Load() override { fs::remove_all(directory_); }

  /// Replaces the first `from` in a file by `to`.
  void edit(const std::string& file, std::string_view from, std::string_view to) const {
    std::ifstream in(directory_ / file);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file << " holds no " << from;
    std::ofstream(directory_ / file) << text.replace(at, from.size(), to);
  }
  /// All mistakes as they are printed, with the directory left out.
  [[nodiscard]] std::vector<std::string> mistakes(const LoadOptions& options = {.secrets_required = false}) const {
    std::vector<std::string> lines;
    const auto loaded = load(directory_, options);
    if (loaded) return lines;
    for (const Mistake& mistake : loaded.error()) {
      const std::string line = to_text(mistake);
      EXPECT_THAT(line, testing::StartsWith(directory_.string()));
      lines.push_back(line.substr(directory_.string().size() + 1));
    }
    return lines;
  }
  [[nodiscard]] std::string policy_hash() const {
    return load(directory_, {.secrets_required = false}).value().policies.hash;
  }

  const fs::path directory_ =
      fs::path(testing::TempDir()) /
      ("dun_load_" + std::to_string(::getpid()) + "_" + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Load, the_shipped_configuration_is_right) {
  EXPECT_THAT(mistakes(), IsEmpty());
  const auto loaded = load(directory_, {.secrets_required = false});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->dun.redis.prefix, "dun");
  EXPECT_EQ(loaded->dun.redis.installation, redis::Installation());
  EXPECT_EQ(loaded->dun.engine.partitions, 16);
  EXPECT_EQ(loaded->dun.roles, (std::vector{Role::engine, Role::console}));
  EXPECT_EQ(loaded->dun.listen, ListenAddress());
  EXPECT_EQ(loaded->policies.ladder, policies::LadderOptions());
  EXPECT_FALSE(loaded->policies.people.people.empty());
  EXPECT_FALSE(loaded->gateways.gateways.empty());
  EXPECT_EQ(loaded->texts.language_for("en"), "en");
}

TEST_F(Load, what_dun_toml_leaves_out_has_the_value_that_the_shipped_file_shows) {
  const auto shipped = load(directory_, {.secrets_required = false});
  std::ofstream(directory_ / "dun.toml") << "";
  const auto empty = load(directory_, {.secrets_required = false});
  ASSERT_TRUE(shipped);
  ASSERT_TRUE(empty);
  const DunOptions& one = shipped->dun;
  const DunOptions& other = empty->dun;
  EXPECT_EQ(one.owner, other.owner);
  EXPECT_EQ(one.roles, other.roles);
  EXPECT_EQ(one.listen, other.listen);
  EXPECT_EQ(one.redis.site.display(), other.redis.site.display());
  EXPECT_EQ(one.redis.site.server.tls.verify, other.redis.site.server.tls.verify);
  EXPECT_EQ(one.redis.prefix, other.redis.prefix);
  EXPECT_EQ(one.redis.installation, other.redis.installation);
  EXPECT_EQ(one.redis.lease_ttl, other.redis.lease_ttl);
  EXPECT_EQ(one.redis.connect_timeout, other.redis.connect_timeout);
  EXPECT_EQ(one.redis.deadline, other.redis.deadline);
  EXPECT_EQ(one.redis.retention.events, other.redis.retention.events);
  EXPECT_EQ(one.redis.retention.journal, other.redis.retention.journal);
  EXPECT_EQ(one.redis.retention.outcomes, other.redis.retention.outcomes);
  EXPECT_EQ(one.redis.retention.rejected, other.redis.retention.rejected);
  for (const std::string_view name : outcome_type_names())
    EXPECT_EQ(one.redis.published.has(*outcome_type(name)), other.redis.published.has(*outcome_type(name))) << name;
  EXPECT_EQ(one.messages.default_lang, other.messages.default_lang);
  EXPECT_EQ(one.messages.parts_max, other.messages.parts_max);
  EXPECT_EQ(one.engine.batch_max, other.engine.batch_max);
  EXPECT_EQ(one.engine.idle_look, other.engine.idle_look);
}

TEST_F(Load, mistakes_of_all_files_come_together_and_in_order) {
  edit("dun.toml", "partitions = 16", "partitions = 0");
  edit("policies.toml", "from = \"22:00\"", "from = \"22.00\"");
  edit("people.toml", "supervisor = \"zhao.min\"", "supervisor = \"zhao.mn\"");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("dun.toml:"), HasSubstr("people.toml:"), HasSubstr("policies.toml:")));
}

struct WrongRow {
  std::string_view from, to, mistake;
};

TEST_F(Load, names_each_mistake_in_dun_toml) {
  const WrongRow rows[] = {
      {"owner = \"\"", "owner = \"a b\"", "owner: expected at most 128 visible characters"},
      {"roles = [\"engine\", \"console\"]", "roles = []", "roles: expected one at least"},
      {"roles = [\"engine\", \"console\"]", "roles = [\"engin\"]", "roles: \"engin\" is none of engine, console"},
      {"redis://127.0.0.1:6379", "http://127.0.0.1:6379", "url: "},
      {"redis://127.0.0.1:6379", "redis://:{env:DUN_TEST_UNSET}@host", "url: the environment variable DUN_TEST_UNSET"},
      {"prefix = \"dun\"", "prefix = \"{dun}\"", "prefix: expected 1 to 64"},
      {"buckets = 16384", "buckets = 0", "buckets: expected a whole number from 1"},
      {"lease_ttl = \"10s\"", "lease_ttl = \"2s\"", "idle_look: at most a third of redis.lease_ttl (2s)"},
      {"cert_file = \"\"", "cert_file = \"us.pem\"", "cert_file and key_file belong together"},
      {"journal = \"35d\"", "journal = \"90m\"", "journal: expected whole hours"},
      {"\"task.*\"", "\"tasks.*\"", "public: no outcome type is called \"tasks.*\""},
      {"127.0.0.1:8620", "8620", "listen: expected host:port"},
      {"parts_max = 4", "parts_max = 0", "parts_max: expected a whole number from 1"},
      {"batch_max = 256", "batch_mx = 256", "unknown key \"batch_mx\"; did you mean \"batch_max\"?"},
  };
  ::unsetenv("DUN_TEST_UNSET");
  for (const WrongRow& row : rows) {
    SCOPED_TRACE(row.to);
    edit("dun.toml", row.from, row.to);
    EXPECT_THAT(mistakes({}), Contains(AllOf(HasSubstr("dun.toml:"), HasSubstr(std::string(row.mistake)))));
    edit("dun.toml", row.to, row.from);
  }
}

TEST_F(Load, a_secret_is_not_asked_for_where_none_is_needed) {
  ::unsetenv("DUN_TEST_UNSET");
  edit("dun.toml", "redis://127.0.0.1:6379", "redis://:{env:DUN_TEST_UNSET}@host");
  EXPECT_THAT(mistakes({.secrets_required = false}), IsEmpty());
  EXPECT_THAT(mistakes({.secrets_required = true}), Not(IsEmpty()));
}

TEST_F(Load, a_missing_file_or_directory_is_said) {
  fs::remove(directory_ / "people.toml");
  EXPECT_THAT(mistakes(), ElementsAre("people.toml:1:1: error: there is no such file"));
  const auto nowhere = load(directory_ / "nowhere");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error(), SizeIs(1));
  EXPECT_THAT(nowhere.error().front().message, HasSubstr("there is no such directory"));
}

TEST_F(Load, the_policy_hash_follows_what_is_said_and_not_how) {
  const std::string before = policy_hash();
  EXPECT_THAT(before, SizeIs(8));
  edit("policies.toml", "# The rules:", "# Our rules:");
  edit("people.toml", "id = \"li.na\"\nname = \"李娜\"", "name   = '李娜'\nid   = 'li.na' # since May");
  EXPECT_EQ(policy_hash(), before);
  edit("policies.toml", "until = \"07:00\"", "until = \"07:01\"");
  const std::string after = policy_hash();
  EXPECT_NE(after, before);
  edit("people.toml", "+8613900000001", "+8613900000011");
  EXPECT_NE(policy_hash(), after);
}

/// What a running service compares: is it still the same?
struct Hashes {
  std::string dun, gateways;
  explicit Hashes(const Configuration& loaded) : dun(loaded.dun_hash), gateways(loaded.gateways_hash) {}
};

using FieldCases = Load;

TEST_F(FieldCases, U8_AFileWithASecretAndAPresetChangeWhatIsConfigured) {
  const auto write = [&](const std::string& file, std::string_view text) { std::ofstream(directory_ / file) << text; };
  const auto hashes = [&] { return Hashes(load(directory_, {.secrets_required = false}).value()); };
  write("url", "http://a");
  write("key", "0123456789abcdef0123456789abcdef");
  edit("gateways.toml", "{env:DUN_SIM_URL:-http://127.0.0.1:13013/send}", "{file:url}");
  edit("dun.toml", "key = \"\"", "key = \"{file:key}\"");
  const Hashes before = hashes();
  edit("dun.toml", "parts_max = 4", "parts_max = 5");
  EXPECT_EQ(hashes().dun, before.dun) << "it goes with the texts";
  write("url", "http://b");
  const Hashes with_url = hashes();
  EXPECT_NE(with_url.gateways, before.gateways);
  EXPECT_EQ(with_url.dun, before.dun);
  write("key", "0123456789abcdef0123456789abcdeg");
  EXPECT_NE(hashes().dun, before.dun);
  edit("gateway-presets/generic-json.toml", "method = \"POST\"", "method = \"PUT\"");
  EXPECT_NE(hashes().gateways, with_url.gateways);
}

TEST_F(FieldCases, U8_WhatTheEngineCountsOnIsNotExchanged) {
  const auto gateways = [&] { return load(directory_, {.secrets_required = false}).value().gateways; };
  const GatewaysOptions before = gateways();
  edit("gateways.toml", "total_timeout = \"10s\"", "total_timeout = \"11s\"");
  edit("gateways.toml", "{env:DUN_SIM_URL:-http://127.0.0.1:13013/send}", "http://elsewhere");
  EXPECT_TRUE(can_be_exchanged(before, gateways()));
  for (const auto& [from, to] :
       {std::pair("rate = 200", "rate = 201"), std::pair("connections = 16", "connections = 15"),
        std::pair("path = \"/receipts/sim\"", "path = \"/receipts/other\""),
        std::pair("rule = \"same_ref\"", "rule = \"hold\""), std::pair("attempts_max = 8", "attempts_max = 9")}) {
    edit("gateways.toml", from, to);
    EXPECT_FALSE(can_be_exchanged(before, gateways())) << to;
    edit("gateways.toml", to, from);
    EXPECT_TRUE(can_be_exchanged(before, gateways())) << from;
  }
}

TEST_F(Load, what_people_read_follows_the_configuration) {
  edit("policies.toml", "from = \"22:00\"", "from = \"21:15\"");
  edit("policies.toml", "after_days = [0, 3, 7]", "after_days = [1, 4]");
  edit("policies.toml", "levels = [7]", "levels = [6, 7]");
  edit("policies.toml", "segments = []", "segments = [\"staff\"]");
  const auto sentences = describe(load(directory_, {.secrets_required = false}).value().policies);
  EXPECT_THAT(sentences, Contains(HasSubstr("from 21:15 to 07:00 every day")));
  EXPECT_THAT(sentences, Contains(HasSubstr("step 1 after 1 calendar day and step 2 after 4 calendar days")));
  EXPECT_THAT(sentences, Contains(HasSubstr("credit level 6 and 7 get none of dunning and suspension_warning")));
  EXPECT_THAT(sentences, Contains(HasSubstr("segment staff are told nothing.")));
  EXPECT_THAT(sentences, Contains(HasSubstr("李娜 (li.na) works 09:00 to 18:00 on Mon, Tue, Wed, Thu and Fri")));
}

TEST(ParseListen, takes_hosts_numbers_and_v6_in_brackets) {
  EXPECT_EQ(parse_listen("127.0.0.1:80"), (ListenAddress{.host = "127.0.0.1", .port = 80}));
  EXPECT_EQ(parse_listen("localhost:0"), (ListenAddress{.host = "localhost", .port = 0}));
  EXPECT_EQ(parse_listen("[::1]:65535"), (ListenAddress{.host = "::1", .port = 65535}));
  for (const std::string_view text :
       {"", ":", "80", ":80", "host:", "host:65536", "host:-1", "::1:80", "host:80x", "[]:80"})
    EXPECT_FALSE(parse_listen(text)) << text;
}

TEST_F(FieldCases, C6_WhatIsOfThisMachineAlone) {
  for (const char* host : {"127.0.0.1", "127.8.9.1", "::1", "localhost", "::ffff:127.0.0.1"})
    EXPECT_TRUE((ListenAddress{.host = host}).is_loopback()) << host;
  for (const char* host :
       {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "::ffff:10.0.0.1", "1270.0.0.1", "localhost.example"})
    EXPECT_FALSE((ListenAddress{.host = host}).is_loopback()) << host;
}

/// What check says where the listener is at `listen` and the shipped gateway's receipts have these further settings.
std::vector<std::string> said_of(const std::string& listen, const std::string& settings) {
  const fs::path directory = fs::path(testing::TempDir()) / ("dun_receipts_" + std::to_string(::getpid()));
  fs::copy(DUN_SOURCE_DIR "/config", directory, fs::copy_options::recursive);
  std::ofstream(directory / "dun.toml") << "console = { listen = \"" + listen + "\" }\n";
  std::ofstream(directory / "gateways.toml") << "[gateways.sim]\npreset = \"generic-json\"\n"
                                                "unknown = { rule = \"hold\" }\n"
                                                "request = { url = \"http://h\" }\n" +
                                                    settings + "[routing]\ndefault = \"sim\"\n";
  std::vector<std::string> lines;
  if (const auto loaded = load(directory); !loaded)
    for (const Mistake& mistake : loaded.error())
      lines.push_back(to_text(mistake).substr(directory.string().size() + 1));
  fs::remove_all(directory);
  return lines;
}

TEST_F(FieldCases, C6_ReceiptsFromOtherMachinesMustProveWhereTheyComeFrom) {
  const auto receipts = [](const std::string& more) { return "receipts = { path = \"/r\"" + more + " }\n"; };
  for (const char* here : {"127.0.0.1:8620", "[::1]:8620"}) EXPECT_THAT(said_of(here, receipts("")), IsEmpty()) << here;
  for (const char* beyond : {"0.0.0.0:8620", "[::]:8620", "10.1.2.3:80"}) {
    EXPECT_THAT(said_of(beyond, receipts("")),
                ElementsAre(AllOf(testing::StartsWith("gateways.toml:1:"), HasSubstr("gateway \"sim\": "),
                                  HasSubstr("set token, sources or signature_header"))))
        << beyond;
    EXPECT_THAT(said_of(beyond, receipts(", token = \"t\"")), IsEmpty());
    EXPECT_THAT(said_of(beyond, receipts(", sources = [\"10.0.0.0/8\"]")), IsEmpty());
    EXPECT_THAT(said_of(beyond, receipts(", signature_header = \"X\", signature = \"{method}\"")), IsEmpty());
    EXPECT_THAT(said_of(beyond, ""), IsEmpty()) << "no receipts at all";
  }
}

TEST_F(Load, a_key_of_ones_own_is_long_enough_and_its_line_break_is_none_of_it) {
  edit("dun.toml", "key = \"\"\n\n", "key = \"{file:key}\"\n\n");
  std::ofstream(directory_ / "key") << "0123456789abcdef0123456789abcde";
  EXPECT_THAT(mistakes({}), Contains(HasSubstr("key: at least 32 characters")));
  std::ofstream(directory_ / "key") << "0123456789abcdef0123456789abcdef\r\n";
  EXPECT_EQ(load(directory_).value().dun.key, "0123456789abcdef0123456789abcdef");
  fs::remove(directory_ / "key");
  EXPECT_THAT(mistakes({}), Contains(HasSubstr("key: ")));
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(Load, health_may_have_an_address_of_its_own) {
  EXPECT_FALSE(load(directory_).value().dun.health);
  edit("dun.toml", "health = \"\"", "health = \"127.0.0.1:8630\"");
  EXPECT_EQ(load(directory_).value().dun.health, (ListenAddress{.host = "127.0.0.1", .port = 8630}));
  edit("dun.toml", "health = \"127.0.0.1:8630\"", "health = \"127.0.0.1:8620\"");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("health: is the address of listen")));
  edit("dun.toml", "health = \"127.0.0.1:8620\"", "health = \"8630\"");
  EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("health: expected host:port")));
}

}  // namespace
}  // namespace dun::config
