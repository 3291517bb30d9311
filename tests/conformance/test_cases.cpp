// What every PartitionStore promises of cases and posts.
#include "tests/conformance/random_state.hpp"
#include "tests/conformance/store_suite.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CaseStoreSuite : public StoreSuite {
 protected:
  RandomState random_{7};
};

TEST_P(CaseStoreSuite, CasesAreFoundByTheNextOwnerReplacedAndRemoved) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const CaseRecord first = random_.case_record(), second = random_.case_record(), third = random_.case_record();
  commit(store, {.epoch = epoch, .cases = {{CaseId("alert/a/"), first}, {CaseId("alert/b/x"), second}}});
  commit(store, {.epoch = epoch, .cases = {{CaseId("alert/a/"), third}, {CaseId("alert/c/"), std::nullopt}}});
  const Recovery found = acquire(store);
  ASSERT_THAT(found.cases, SizeIs(2));
  EXPECT_EQ(found.cases[0].id, CaseId("alert/a/"));
  EXPECT_EQ(found.cases[0].value, third);
  EXPECT_EQ(found.cases[1].value, second);
  commit(store, {.epoch = found.epoch, .cases = {{CaseId("alert/a/"), std::nullopt}}});
  EXPECT_THAT(acquire(store).cases, SizeIs(1));
}

TEST_P(CaseStoreSuite, PostsAreKeptUntilTheyAreSaidToHaveBeenBrought) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  std::vector<Post> posts = {random_.post(), random_.post(), random_.post()};
  std::ranges::sort(posts, {}, &Post::id);
  commit(store, {.epoch = epoch, .posts = {posts[0], posts[1]}});
  commit(store, {.epoch = epoch, .posts = {posts[2]}, .brought = {posts[1].id}});
  const Recovery found = acquire(store);
  EXPECT_THAT(found.posts, testing::UnorderedElementsAre(posts[0], posts[2]));
  commit(store, {.epoch = found.epoch, .brought = {posts[0].id, posts[2].id}});
  EXPECT_THAT(acquire(store).posts, IsEmpty());
}

TEST_P(CaseStoreSuite, APostThatIsBroughtIsReadFromTheStream) {
  PartitionStore& store = world_->open("a");
  acquire(store);
  // One of the partition that the world has, of the sixteen that an installation has by default.
  std::string about = "alert/a/";
  while (partition_of(about, 16) != 0) about += "a";
  const Fields fields = {{"type", "dun.case"}, {"case", about}, {"any", std::string("\0\xff", 2)}};
  const Post post{.to = CaseId(about), .id = EventId("1"), .fields = fields};
  ASSERT_TRUE(world_->run(store.bring(post)).has_value());
  ASSERT_TRUE(world_->run(store.bring(post)).has_value());
  world_->route();
  std::vector<Fields> read;
  for (const StreamEntry& entry : world_->run(store.read({})).value().events) read.push_back(entry.fields);
  EXPECT_THAT(read, ElementsAre(fields, fields));
}

TEST_P(CaseStoreSuite, AFencedCommitLeavesNoTraceOfCasesAndPosts) {
  PartitionStore& first = world_->open("first");
  const std::uint64_t old = acquire(first).epoch;
  world_->let_lease_expire();
  PartitionStore& second = world_->open("second");
  acquire(second);
  Commit change{.epoch = old, .cases = {{CaseId("alert/a/"), random_.case_record()}}, .posts = {random_.post()}};
  EXPECT_FALSE(world_->run(first.commit(std::move(change))).has_value());
  const Recovery found = acquire(second);
  EXPECT_THAT(found.cases, IsEmpty());
  EXPECT_THAT(found.posts, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, CaseStoreSuite, both_stores(), name_of_store);

}  // namespace
}  // namespace dun::test
