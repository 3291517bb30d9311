#include "redis/server_check.hpp"

#include "redis/processes.hpp"
#include "tests/redis/redis_fixture.hpp"

namespace dun::redis {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ServerCheckTest : public RedisTest {
 protected:
  std::vector<std::string> warnings(Link& link) {
    const auto report = run(check_server(link));
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report ? report->warnings : std::vector<std::string>();
  }
  void set(const char* name, const char* value) { server_.command({"CONFIG", "SET", name, value}); }
};

TEST_F(ServerCheckTest, ADurableServerPassesInSilence) {
  set("appendonly", "yes");
  set("appendfsync", "always");
  const auto report = run(check_server(open_link()));
  ASSERT_TRUE(report.has_value());
  EXPECT_THAT(report->warnings, IsEmpty());
  EXPECT_THAT(report->version, testing::StartsWith("7."));
}

TEST_F(ServerCheckTest, AnyEvictingPolicyIsRefusedWithTheRemedy) {
  for (const char* policy : {"allkeys-lru", "volatile-ttl", "volatile-random"}) {
    set("maxmemory-policy", policy);
    const auto report = run(check_server(open_link()));
    ASSERT_FALSE(report.has_value()) << policy;
    EXPECT_EQ(report.error().kind, StoreError::Kind::refused);
    EXPECT_THAT(report.error().message, AllOf(HasSubstr(policy), HasSubstr("CONFIG SET maxmemory-policy noeviction")));
  }
}

TEST_F(ServerCheckTest, MissingPersistenceIsSaidLoudly) {
  Link& link = open_link();
  EXPECT_THAT(warnings(link), ElementsAre(HasSubstr("NOTHING IS PERSISTENT")));
  set("save", "60 1");
  EXPECT_THAT(warnings(link), ElementsAre(HasSubstr("since its last snapshot")));
  set("appendonly", "yes");
  EXPECT_THAT(warnings(link), ElementsAre(HasSubstr("appendfsync is everysec")));
}

TEST_F(ServerCheckTest, SmallCompactEncodingAndReplicasAreNamed) {
  set("appendonly", "yes");
  set("appendfsync", "always");
  set("hash-max-listpack-value", "64");
  Link& link = open_link();
  EXPECT_THAT(warnings(link), ElementsAre(HasSubstr("hash-max-listpack-value is 64")));
  server_.command({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_THAT(warnings(link), Contains(HasSubstr("replica")));
}

TEST_F(ServerCheckTest, WithoutConfigItMakesDoWithInfo) {
  server_.command({"ACL", "SETUSER", "weak", "on", "nopass", "~*", "+@all", "-config"});
  Link& link = open_link(parse_address("redis://weak@127.0.0.1:" + std::to_string(server_.port())).value());
  EXPECT_THAT(warnings(link), Contains(HasSubstr("+config|get")));
  EXPECT_THAT(warnings(link), Contains(HasSubstr("AOF is off")));
  set("maxmemory-policy", "allkeys-lru");
  EXPECT_FALSE(run(check_server(link)).has_value());
}

TEST_F(ServerCheckTest, WithoutInfoEitherItSaysWhatItCannotSee) {
  server_.command({"ACL", "SETUSER", "blind", "on", "nopass", "~*", "+@all", "-config", "-info"});
  Link& link = open_link(parse_address("redis://blind@127.0.0.1:" + std::to_string(server_.port())).value());
  EXPECT_THAT(warnings(link), ElementsAre(HasSubstr("could be checked; grant +info")));
}

TEST_F(ServerCheckTest, AnInstallationIsMadeOnceAndThenCompared) {
  Links& links = open_links();
  const auto missing = run(read_installation(links, Keyspace()));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, StoreError::Kind::refused);
  EXPECT_THAT(missing.error().message, AllOf(HasSubstr("no Dun installation"), HasSubstr("dun:meta")));

  const Installation installed{.partitions = 8, .buckets = 1024};
  EXPECT_TRUE(run(open_installation(links, Keyspace(), installed)).has_value());
  EXPECT_TRUE(run(open_installation(links, Keyspace(), installed)).has_value());
  EXPECT_EQ(run(read_installation(links, Keyspace())).value(), installed);
  const auto partitions = run(open_installation(links, Keyspace(), {.partitions = 16, .buckets = 1024}));
  EXPECT_EQ(partitions.error().kind, StoreError::Kind::corrupt);
  EXPECT_THAT(partitions.error().message, AllOf(HasSubstr("16 partitions"), HasSubstr("made with 8")));
  const auto buckets = run(open_installation(links, Keyspace(), {.partitions = 8, .buckets = 64}));
  EXPECT_THAT(buckets.error().message, AllOf(HasSubstr("64 buckets"), HasSubstr("made with 1024")));
  EXPECT_TRUE(run(open_installation(links, Keyspace("other"), {.partitions = 2})).has_value());

  server_.command({"HSET", "dun:meta", "layout", "3"});
  EXPECT_THAT(run(read_installation(links, Keyspace())).error().message, HasSubstr("layout 3"));
}

TEST_F(ServerCheckTest, AnOlderLayoutIsRaisedWhenNobodyWritesItAnyMore) {
  Links& links = open_links();
  const Installation installed{.partitions = 8, .buckets = 1024};
  EXPECT_TRUE(run(open_installation(links, Keyspace(), installed)).has_value());
  server_.command({"HSET", "dun:meta", "layout", "1"});
  EXPECT_EQ(run(read_installation(links, Keyspace())).value(), installed) << "who only looks need not wait";
  Link& link = links.to("dun:processes");
  const RunningProcess before{.owner = "old:1", .roles = "engine", .status = "{}"};
  ASSERT_TRUE(run(announce(link, Keyspace(), before, Millis(60'000))).has_value());
  const auto waits = run(open_installation(links, Keyspace(), installed));
  EXPECT_EQ(waits.error().kind, StoreError::Kind::unavailable);
  EXPECT_THAT(waits.error().message, HasSubstr("old:1"));
  EXPECT_EQ(server_.command({"HGET", "dun:meta", "layout"}).text, "1");
  run(retire(link, Keyspace(), "old:1"));
  EXPECT_TRUE(run(open_installation(links, Keyspace(), installed)).has_value());
  EXPECT_EQ(server_.command({"HGET", "dun:meta", "layout"}).text, "2");
}

}  // namespace
}  // namespace dun::redis
