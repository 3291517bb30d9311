#include "redis/address.hpp"

#include <gmock/gmock.h>

namespace dun::redis {
namespace {

using testing::HasSubstr;
using testing::Not;
using Kind = Address::Kind;

struct Good {
  const char* url;
  Kind kind;
  const char* host;
  int port;
  const char* path;
  const char* user;
  const char* password;
  int db;
  const char* display;
};

class GoodAddress : public testing::TestWithParam<Good> {};

TEST_P(GoodAddress, IsReadInAllItsParts) {
  const Good& expected = GetParam();
  const auto address = parse_address(expected.url);
  ASSERT_TRUE(address.has_value()) << address.error();
  EXPECT_EQ(address->kind, expected.kind);
  EXPECT_EQ(address->host, expected.host);
  if (expected.kind != Kind::unix_socket) EXPECT_EQ(address->port, expected.port);
  EXPECT_EQ(address->path, expected.path);
  EXPECT_EQ(address->user, expected.user);
  EXPECT_EQ(address->password, expected.password);
  EXPECT_EQ(address->db, expected.db);
  EXPECT_EQ(address->display(), expected.display);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, GoodAddress,
    testing::Values(Good{"redis://localhost", Kind::tcp, "localhost", 6379, "", "", "", 0, "redis://localhost:6379"},
                    Good{"redis://127.0.0.1:7000/3", Kind::tcp, "127.0.0.1", 7000, "", "", "", 3,
                         "redis://127.0.0.1:7000/3"},
                    Good{"redis://[::1]:7000", Kind::tcp, "::1", 7000, "", "", "", 0, "redis://[::1]:7000"},
                    Good{"redis://[::1]", Kind::tcp, "::1", 6379, "", "", "", 0, "redis://[::1]:6379"},
                    Good{"redis://:secret@h/0", Kind::tcp, "h", 6379, "", "", "secret", 0, "redis://h:6379"},
                    Good{"redis://dun:s%40c%2Fr%25t@h:1/", Kind::tcp, "h", 1, "", "dun", "s@c/r%t", 0, "redis://h:1"},
                    Good{"redis://dun:a/b@c:d@h", Kind::tcp, "h", 6379, "", "dun", "a/b@c:d", 0, "redis://h:6379"},
                    Good{"redis://dun@h", Kind::tcp, "h", 6379, "", "dun", "", 0, "redis://h:6379"},
                    Good{"rediss://redis.example.com:6380", Kind::tls, "redis.example.com", 6380, "", "", "", 0,
                         "rediss://redis.example.com:6380"},
                    Good{"unix:///run/redis.sock", Kind::unix_socket, "", 0, "/run/redis.sock", "", "", 0,
                         "unix:///run/redis.sock"},
                    Good{"unix:///run/redis.sock?db=2", Kind::unix_socket, "", 0, "/run/redis.sock", "", "", 2,
                         "unix:///run/redis.sock?db=2"}));

struct Bad {
  const char* url;
  const char* says;
};

class BadAddress : public testing::TestWithParam<Bad> {};

TEST_P(BadAddress, IsNamedWithWhatWasExpected) {
  const auto address = parse_address(GetParam().url);
  ASSERT_FALSE(address.has_value());
  EXPECT_THAT(address.error(), HasSubstr(GetParam().says));
  EXPECT_THAT(address.error(), HasSubstr("expected redis://"));
  EXPECT_THAT(address.error(), Not(HasSubstr("secret")));
}

INSTANTIATE_TEST_SUITE_P(Urls, BadAddress,
                         testing::Values(Bad{"", "is empty"}, Bad{"localhost:6379", "scheme"},
                                         Bad{"http://h", "scheme"}, Bad{"redis://", "no host"},
                                         Bad{"redis://:6379", "no host"}, Bad{"redis://h:0", "port \"0\""},
                                         Bad{"redis://h:65536", "port \"65536\""}, Bad{"redis://h:x", "port \"x\""},
                                         Bad{"redis://h:", "port \"\""}, Bad{"redis://h/x", "database \"x\""},
                                         Bad{"redis://h/-1", "database \"-1\""}, Bad{"redis://h/70000", "database"},
                                         Bad{"redis://[::1", "bracket"}, Bad{"redis://[::1]x", "IPv6"},
                                         Bad{"redis://:secret%4@h", "hex digits"},
                                         Bad{"redis://:secret%zz@h", "hex digits"}, Bad{"unix://", "absolute"},
                                         Bad{"unix://run/x", "absolute"}, Bad{"unix:///run/x?db=", "db=NUMBER"},
                                         Bad{"unix:///run/x?dib=1", "db=NUMBER"}));

TEST(Site, OneServerIsASite) {
  const Site site = parse_site("rediss://dun:x@h:1/3").value();
  EXPECT_EQ(site.kind, Site::Kind::server);
  EXPECT_EQ(site.server, parse_address("rediss://dun:x@h:1/3").value());
  EXPECT_EQ(site.display(), "rediss://h:1/3");
}

TEST(Site, SentinelsNameAMaster) {
  const Site site = parse_site("redis+sentinel://dun:s%40/@one:1,[::1],two/billing/2").value();
  EXPECT_EQ(site.kind, Site::Kind::sentinel);
  EXPECT_THAT(site.seeds, testing::ElementsAre(Endpoint{"one", 1}, Endpoint{"::1", 26'379}, Endpoint{"two", 26'379}));
  EXPECT_EQ(site.master, "billing");
  EXPECT_EQ(site.at({"m", 7}).display(), "redis://m:7/2");
  EXPECT_EQ(site.at({"m", 7}).user, "dun");
  EXPECT_EQ(site.at({"m", 7}).password, "s@/");
  EXPECT_EQ(site.display(), "redis+sentinel://one:1,[::1]:26379,two:26379/billing/2");
}

TEST(Site, AClusterHasNodes) {
  const Site site = parse_site("rediss+cluster://:secret@one,two:7001/").value();
  EXPECT_EQ(site.kind, Site::Kind::cluster);
  EXPECT_THAT(site.seeds, testing::ElementsAre(Endpoint{"one", 6379}, Endpoint{"two", 7001}));
  EXPECT_EQ(site.at({"n", 7}).kind, Kind::tls);
  EXPECT_EQ(site.at({"n", 7}).password, "secret");
  EXPECT_EQ(site.display(), "rediss+cluster://one:6379,two:7001");
}

TEST(Site, AMistakeIsNamed) {
  const std::vector<std::pair<const char*, const char*>> rows = {{"redis+sentinel://h", "/NAME"},
                                                                 {"redis+sentinel://h,/m", "no host"},
                                                                 {"redis+sentinel://h/m/x", "database"},
                                                                 {"redis+cluster://h/1", "database 0"},
                                                                 {"redis+cluster://", "no host"},
                                                                 {"redis+cluster://h:0", "port"},
                                                                 {"unix+cluster://h", "scheme"},
                                                                 {"redis+clusters://h", "scheme"},
                                                                 {"redis+cluster://u:%zz@h", "hex digits"},
                                                                 {"redis+cluster://a b:c@", "no host"}};
  for (const auto& [url, says] : rows) {
    const auto site = parse_site(url);
    ASSERT_FALSE(site.has_value()) << url;
    EXPECT_THAT(site.error(), HasSubstr(says)) << url;
    EXPECT_THAT(site.error(), HasSubstr("redis+cluster://[user")) << url;
  }
}

}  // namespace
}  // namespace dun::redis
