#include "tools/progress.hpp"

#include <gmock/gmock.h>

#include <string>

namespace dun::tools {
namespace {

/// What is written to standard error meanwhile: to a file, which is no terminal.
template <typename Work>
std::string written(Work work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

TEST(ProgressLine, IsALineOfItsOwnWhereThereIsNoTerminal) {
  EXPECT_EQ(written([] {
              ProgressLine line(std::chrono::seconds(3600));
              line.show("sent 1");
              line.show("sent\x1b[2K 2");
              line.clear();
            }),
            "sent 1\nsent\\u{1B}[2K 2\n");
}

TEST(ProgressLine, IsDueAtOnceAndThenAfterAWhile) {
  ProgressLine line(std::chrono::seconds(3600));
  EXPECT_TRUE(line.due());
  written([&] { line.show("sent 1"); });
  EXPECT_FALSE(line.due());
  ProgressLine waiting(std::chrono::seconds(3600));
  waiting.wait();
  EXPECT_FALSE(waiting.due());
  EXPECT_TRUE(ProgressLine(std::chrono::seconds(0)).due());
}

TEST(Progress, CountsAndIsQuietAtFirst) {
  EXPECT_EQ(written([] {
              Progress progress("sent", "notices");
              progress.add(1000);
              progress.add(24);
              progress.finish();
              EXPECT_EQ(progress.count(), 1024U);
            }),
            "");
}

}  // namespace
}  // namespace dun::tools
