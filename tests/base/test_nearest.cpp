#include "base/text/nearest.hpp"

#include <gmock/gmock.h>

#include <array>

namespace dun {
namespace {

constexpr std::array<std::string_view, 4> known = {"event_time", "owed", "due_at", "a"};

TEST(Nearest, finds_the_word_that_was_meant) {
  EXPECT_EQ(nearest("event_tiem", known), "event_time");  // swapped
  EXPECT_EQ(nearest("eventtime", known), "event_time");   // dropped
  EXPECT_EQ(nearest("due_aat", known), "due_at");         // inserted
  EXPECT_EQ(nearest("owes", known), "owed");              // changed
  EXPECT_EQ(nearest("owed", known), "owed");
}

TEST(Nearest, does_not_guess_wildly) {
  EXPECT_EQ(nearest("zebra", known), "");
  EXPECT_EQ(nearest("b", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), known), "");
  EXPECT_EQ(nearest("owed", {}), "");
}

TEST(Nearest, hints_at_one_word_or_lists_all) {
  EXPECT_EQ(hint("owde", known), "; did you mean \"owed\"?");
  EXPECT_EQ(hint("zebra", known), "; expected one of: event_time, owed, due_at, a");
}

}  // namespace
}  // namespace dun
