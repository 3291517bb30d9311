#include "redis/processes.hpp"
#include "tests/redis/redis_fixture.hpp"

namespace dun::redis {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

class ProcessesTest : public RedisTest {
 protected:
  static constexpr Millis long_{60'000};
  Link& link_ = open_link();

  static auto named(const std::string& owner, const std::string& roles, const std::string& status) {
    return testing::AllOf(Field(&RunningProcess::owner, owner), Field(&RunningProcess::roles, roles),
                          Field(&RunningProcess::status, status));
  }
};

TEST_F(ProcessesTest, EachFindsItselfAndTheOthersByName) {
  EXPECT_THAT(run(running_processes(link_, Keyspace())).value(), IsEmpty());
  EXPECT_THAT(run(announce(link_, Keyspace(), {"b", "engine", "{}"}, long_)).value(),
              ElementsAre(named("b", "engine", "")));
  EXPECT_THAT(run(announce(link_, Keyspace(), {"a", "console", "{1}"}, long_)).value(),
              ElementsAre(named("a", "console", ""), named("b", "engine", "")));
  // Told again, with other roles: it stops.
  EXPECT_THAT(run(announce(link_, Keyspace(), {"b", "", "{2}"}, long_)).value(),
              ElementsAre(named("a", "console", ""), named("b", "", "")));
  EXPECT_THAT(run(running_processes(link_, Keyspace())).value(),
              ElementsAre(named("a", "console", "{1}"), named("b", "", "{2}")));
}

TEST_F(ProcessesTest, WhoHasDiedIsStruckFromTheRegisterByWhoeverFindsIt) {
  run(announce(link_, Keyspace(), {"dead", "engine", "{}"}, Millis(1))).value();
  while (server_.command({"EXISTS", "dun:{processes}:dead"}).number == 1) {
  }
  EXPECT_THAT(run(running_processes(link_, Keyspace())).value(), IsEmpty());
  EXPECT_THAT(run(announce(link_, Keyspace(), {"a", "engine", "{}"}, long_)).value(),
              ElementsAre(named("a", "engine", "")));
  EXPECT_EQ(server_.command({"HLEN", "dun:{processes}"}).number, 1);
}

TEST_F(ProcessesTest, WhoRetiresIsGoneAtOnce) {
  run(announce(link_, Keyspace(), {"a", "engine", "{}"}, long_)).value();
  run(retire(link_, Keyspace(), "a"));
  EXPECT_THAT(run(running_processes(link_, Keyspace())).value(), IsEmpty());
  EXPECT_EQ(server_.command({"DBSIZE"}).number, 0);
}

TEST_F(ProcessesTest, AKeyOfAnotherKindIsNamed) {
  server_.command({"SET", "dun:{processes}", "x"});
  const auto said = run(announce(link_, Keyspace(), {"a", "engine", "{}"}, long_));
  ASSERT_FALSE(said.has_value());
  EXPECT_THAT(said.error().message, testing::HasSubstr("dun:{processes}"));
}

}  // namespace
}  // namespace dun::redis
