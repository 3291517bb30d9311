#include "redis/takeover.hpp"

#include <gmock/gmock.h>

namespace dun::redis {
namespace {

constexpr const char* info =
    "# Replication\r\nrole:master\r\nmaster_replid:bbb\r\nmaster_replid2:aaa\r\nmaster_repl_offset:7\r\n";

TEST(ServerHistory, IsReadFromInfo) {
  const ServerHistory history = read_history(info, "here");
  EXPECT_EQ(history.id, "bbb");
  EXPECT_EQ(history.before, "aaa");
  EXPECT_EQ(read_history("NOPERM this user has no permissions", "here").id, "");
}

TEST(TookOver, AReplicaThatBecameTheMasterMayLackWrites) {
  const ServerHistory now = read_history(info, "redis://b:1");
  struct Row {
    const char* known;
    bool behind_sentinels, elsewhere;
    const char* why;
  };
  const std::vector<Row> rows = {{"", false, false, "never seen one"},
                                 {"bbb redis://b:1", false, false, "the same"},
                                 {"bbb redis://x:1", false, false, "the same under another name"},
                                 {"aaa redis://b:1", false, false, "started again where it was"},
                                 {"aaa redis://a:1", true, true, "its replica took over"},
                                 {"zzz redis://a:1", true, false, "the slot of a cluster has moved"}};
  for (const Row& row : rows) {
    EXPECT_EQ(took_over(row.known, now, true), row.behind_sentinels) << row.why;
    EXPECT_EQ(took_over(row.known, now, false), row.elsewhere) << row.why;
  }
  EXPECT_FALSE(took_over("aaa redis://a:1", read_history("", "redis://b:1"), true)) << "INFO is forbidden";
}

}  // namespace
}  // namespace dun::redis
