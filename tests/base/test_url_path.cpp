#include "base/text/url_path.hpp"

#include <gtest/gtest.h>

namespace dun {
namespace {

TEST(UrlPath, KnowsSegmentsOfDotsHoweverTheyAreWritten) {
  for (const char* path : {".", "..", "/.", "/..", "/a/../b", "/a/./b", "a/..", "/%2e", "/%2E%2e/x", "/.%2e", "//../"})
    EXPECT_TRUE(has_dot_segment(path)) << path;
  for (const char* path :
       {"", "/", "//", "/...", "/a.", "/.a", "/..a/b..", "/%2e%2e%2e", "/%252e", "/%2", "/a/b?", "/%"})
    EXPECT_FALSE(has_dot_segment(path)) << path;
}

}  // namespace
}  // namespace dun
