// What is kept of cases and posts between two commits, and what of it survives one whose fate is not known.
#include "scheduler/cases.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Post post(const std::string& id) {
  return {.to = CaseId("alert/x/"), .id = EventId(id), .fields = {{"id", id}}};
}

std::vector<std::string> ids(const std::vector<Post>& posts) {
  std::vector<std::string> all;
  for (const Post& each : posts) all.push_back(each.id.str());
  return all;
}

CaseEvent report(std::uint64_t number, bool seen) {
  CaseEvent event{.about = alert_case("x", ""),
                  .time = at("2026-03-02T10:00:00+08:00"),
                  .witness = "a",
                  .run = "1",
                  .number = number,
                  .name = "x"};
  if (seen) event.counts_for = std::chrono::minutes(3);
  return event;
}

class CasesTest : public testing::Test {
 protected:
  Commit finish() {
    Commit commit;
    cases_.finish(commit, now_);
    return commit;
  }
  const Instant now_ = at("2026-03-02T10:00:00+08:00");
  Cases cases_;
};

TEST_F(CasesTest, a_post_is_in_the_store_before_it_is_brought_and_forgotten_after) {
  cases_.post(post("1"));
  EXPECT_TRUE(cases_.has_work(now_));
  EXPECT_THAT(cases_.to_bring(), IsEmpty());
  const Commit first = finish();
  EXPECT_THAT(ids(first.posts), ElementsAre("1"));
  cases_.committed(first);
  EXPECT_THAT(ids(cases_.to_bring()), ElementsAre("1"));
  EXPECT_FALSE(cases_.has_work(now_));
  cases_.brought(EventId("1"));
  EXPECT_TRUE(cases_.has_work(now_));
  const Commit second = finish();
  EXPECT_THAT(second.posts, IsEmpty());
  EXPECT_THAT(second.brought, ElementsAre(EventId("1")));
  cases_.committed(second);
  EXPECT_FALSE(cases_.has_work(now_));
  EXPECT_THAT(finish().brought, IsEmpty());
}

TEST_F(CasesTest, what_a_commit_of_unknown_fate_held_goes_out_again_unless_the_store_has_it) {
  cases_.post(post("1"));
  cases_.post(post("2"));
  (void)finish();
  cases_.recover({}, {post("1")});
  EXPECT_THAT(ids(cases_.to_bring()), ElementsAre("1"));
  EXPECT_THAT(ids(finish().posts), ElementsAre("2"));
}

TEST_F(CasesTest, what_was_brought_and_is_not_known_to_be_forgotten_is_brought_again) {
  cases_.recover({}, {post("1")});
  cases_.brought(EventId("1"));
  (void)finish();
  cases_.recover({}, {post("1")});
  EXPECT_THAT(ids(cases_.to_bring()), ElementsAre("1"));
  EXPECT_THAT(finish().brought, IsEmpty());
}

TEST_F(CasesTest, posts_that_are_not_in_the_store_can_be_taken_elsewhere) {
  cases_.post(post("1"));
  EXPECT_THAT(ids(cases_.take_posts()), ElementsAre("1"));
  EXPECT_FALSE(cases_.has_work(now_));
}

TEST_F(CasesTest, a_case_is_written_when_it_changes_and_a_change_that_was_not_committed_is_undone) {
  EXPECT_THAT(cases_.report(report(1, true), now_).outcomes, SizeIs(1));
  Commit commit;
  cases_.finish(commit, now_);
  ASSERT_THAT(commit.cases, SizeIs(1));
  EXPECT_EQ(std::get<AlertCase>(commit.cases[0].value.value()).open_since, now_);
  // Its fate is not known, and the store holds nothing of it: the report is read once more.
  cases_.recover({}, {});
  EXPECT_THAT(cases_.report(report(1, true), now_).outcomes, SizeIs(1));
  Commit again;
  cases_.finish(again, now_);
  cases_.committed(again);
  // The store holds it: the report comes again, and is known.
  cases_.recover({{.id = commit.cases[0].id, .value = *commit.cases[0].value}}, {});
  EXPECT_THAT(cases_.report(report(1, true), now_).outcomes, IsEmpty());
  Commit repeated;
  cases_.finish(repeated, now_);
  EXPECT_THAT(repeated.cases, IsEmpty());
}

TEST_F(CasesTest, a_case_wakes_by_itself_and_is_removed_when_nobody_is_left) {
  const CaseId id = report(1, true).about;
  EXPECT_THAT(cases_.report(report(1, true), now_).outcomes, SizeIs(1));
  EXPECT_EQ(cases_.next_wake(), now_ + std::chrono::minutes(3));
  EXPECT_FALSE(cases_.has_work(now_));
  const Instant silent = now_ + std::chrono::minutes(3);
  EXPECT_TRUE(cases_.has_work(silent));
  EXPECT_THAT(cases_.due(silent), ElementsAre(id));
  EXPECT_THAT(cases_.wake_alert(id, silent).outcomes, SizeIs(1));
  EXPECT_THAT(cases_.due(silent), IsEmpty());
  const Instant forgotten = now_ + date::days(2);
  EXPECT_THAT(cases_.wake_alert(id, forgotten).outcomes, IsEmpty());
  Commit removed;
  cases_.finish(removed, forgotten);
  ASSERT_THAT(removed.cases, SizeIs(1));
  EXPECT_EQ(removed.cases[0].value, std::nullopt);
  EXPECT_EQ(cases_.size(), 0U);
}

}  // namespace
}  // namespace dun::test
