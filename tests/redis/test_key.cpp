#include "redis/key.hpp"
#include "tests/redis/redis_fixture.hpp"

namespace dun::redis {
namespace {

using testing::HasSubstr;

class KeyTest : public RedisTest {
 protected:
  Link& link_ = open_link();
};

TEST_F(KeyTest, IsThatOfWhoeverCameFirst) {
  EXPECT_EQ(run(open_key(link_, "dun", "first")).value(), "first");
  EXPECT_EQ(run(open_key(link_, "dun", "second")).value(), "first");
  EXPECT_EQ(run(open_key(link_, "other", "second")).value(), "second");
  EXPECT_EQ(server_.command({"TTL", "dun/key"}).number, -1);
}

TEST_F(KeyTest, IsPutBackWhereItWasLost) {
  run(open_key(link_, "dun", "own")).value();
  server_.command({"FLUSHALL"});
  EXPECT_TRUE(run(hold_key(link_, "dun", "own")).value());
  EXPECT_EQ(server_.command({"GET", "dun/key"}).text, "own");
  server_.command({"SET", "dun/key", "of somebody else"});
  EXPECT_FALSE(run(hold_key(link_, "dun", "own")).value());
  EXPECT_EQ(server_.command({"GET", "dun/key"}).text, "of somebody else");
}

TEST_F(KeyTest, IsReadWhileRedisTakesNothing) {
  run(open_key(link_, "dun", "own")).value();
  server_.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(run(open_key(link_, "dun", "fresh")).value(), "own");
  EXPECT_TRUE(run(hold_key(link_, "dun", "own")).value());
  server_.command({"CONFIG", "SET", "maxmemory", "0"});
}

TEST_F(KeyTest, WhoeverMayNotHaveItIsToldWhatToGrant) {
  server_.command({"ACL", "SETUSER", "default", "resetkeys", "~dun:*"});
  EXPECT_THAT(run(open_key(link_, "dun", "own")).error().message, HasSubstr("~dun/key"));
  server_.command({"ACL", "SETUSER", "default", "allkeys"});
}

TEST_F(KeyTest, AKeyOfAnotherKindIsNamed) {
  server_.command({"RPUSH", "dun/key", "x"});
  EXPECT_THAT(run(open_key(link_, "dun", "own")).error().message, HasSubstr("dun/key"));
}

}  // namespace
}  // namespace dun::redis
