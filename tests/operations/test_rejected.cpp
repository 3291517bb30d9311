// Rejected events, listed, counted and sent again.
#include "operations/rejected.hpp"

#include "tests/support/run_async.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace dun::operations {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

const Instant morning = *parse_rfc3339("2026-01-31T08:00:00Z");

/// Entries that a test has put here, until it fails.
class KeptRejected final : public RejectedStreams {
 public:
  [[nodiscard]] int partitions() const override { return static_cast<int>(kept.size()); }
  Awaitable<StoreResult<std::vector<RejectedItem>>> list(int partition, scheduler::StreamId after,
                                                         std::size_t count) override {
    if (partition == fails_at) co_return std::unexpected(scheduler::StoreError{.message = "gone"});
    std::vector<RejectedItem> page;
    for (const RejectedItem& item : kept.at(static_cast<std::size_t>(partition)))
      if (item.id.id > after && page.size() < count) page.push_back(item);
    ++looks;
    co_return page;
  }
  Awaitable<StoreResult<bool>> requeue(RejectedId id) override {
    if (id == refused) co_return std::unexpected(scheduler::StoreError{.message = "full"});
    auto& items = kept.at(static_cast<std::size_t>(id.partition));
    if (std::erase_if(items, [&](const RejectedItem& item) { return item.id == id; }) == 0) co_return false;
    requeued.push_back(to_text(id));
    co_return true;
  }
  void add(int partition, std::uint64_t ms, const std::string& field, Instant at = morning) {
    kept.at(static_cast<std::size_t>(partition))
        .push_back({.id = {.partition = partition, .id = {.ms = ms, .seq = 0}},
                    .entry = {.field = field,
                              .reason = field + " is wrong",
                              .at = at,
                              .original = {.id = {.ms = ms, .seq = 7}, .fields = {{"id", "e"}}}}});
  }

  std::vector<std::vector<RejectedItem>> kept = std::vector<std::vector<RejectedItem>>(3);
  std::vector<std::string> requeued;
  std::optional<RejectedId> refused;
  int fails_at = -1;
  int looks = 0;
};

class RejectedTest : public testing::Test {
 protected:
  template <typename T>
  T run(Awaitable<T> work) {
    return test::run(context_, std::move(work));
  }
  /// The ids that a list shows, to its end or its error.
  std::vector<std::string> list(RejectedAsked asked) {
    std::vector<std::string> ids;
    RejectedList list(streams_, std::move(asked));
    for (;;) {
      const auto page = run(list.next());
      if (!page) {
        ids.push_back(page.error().message);
        return ids;
      }
      if (!page.value()) return ids;
      for (const RejectedItem& item : *page.value()) ids.push_back(to_text(item.id));
    }
  }

  boost::asio::io_context context_;
  KeptRejected streams_;
};

TEST_F(RejectedTest, AreListedPartitionByPartitionTheOldestFirst) {
  streams_.add(2, 5, "state");
  streams_.add(0, 7, "time");
  streams_.add(0, 9, "state");
  EXPECT_THAT(list({}), ElementsAre("0:7-0", "0:9-0", "2:5-0"));
  EXPECT_THAT(list({.field = "state"}), ElementsAre("0:9-0", "2:5-0"));
  EXPECT_THAT(list({.field = "nonsense"}), IsEmpty());
}

TEST_F(RejectedTest, NoMoreAreReadThanAreWanted) {
  for (std::uint64_t ms = 1; ms <= 600; ++ms) streams_.add(0, ms, ms % 2 == 0 ? "state" : "time");
  streams_.add(1, 1, "state");
  EXPECT_THAT(list({}), SizeIs(601)) << "page by page";
  streams_.looks = 0;
  EXPECT_THAT(list({.field = "state", .limit = 2}), ElementsAre("0:2-0", "0:4-0"));
  EXPECT_EQ(streams_.looks, 1);
  EXPECT_THAT(list({.field = "state", .limit = 301}), SizeIs(301)) << "over pages and partitions";
  EXPECT_THAT(list({.limit = 9999}), SizeIs(601));
}

TEST_F(RejectedTest, WhatWasListedBeforeAFailureIsNotLost) {
  streams_.add(0, 7, "time");
  streams_.fails_at = 1;
  EXPECT_THAT(list({}), ElementsAre("0:7-0", "gone"));
}

TEST_F(RejectedTest, AsJsonTheOriginalIsFieldByFieldAsItCame) {
  streams_.add(1, 5, "state");
  RejectedItem item = streams_.kept[1][0];
  item.entry.original.fields = {{"id", "e1"}, {"id", "e2"}, {"br\u202e", "Telef\xF4nica"}};
  EXPECT_EQ(to_json_text(item),
            R"({"id":"1:5-0","partition":1,"stream_id":"5-7","at":"2026-01-31T08:00:00.000Z","field":"state",)"
            R"("detail":"state is wrong","original":{"id":"e1","id":"e2","br\u202e":"Telef)"
            "\xEF\xBF\xBD"
            R"(nica"}})");
}

TEST_F(RejectedTest, AFloodIsCountedByTheFieldThatIsWrong) {
  streams_.add(0, 1, "state", morning + 2s);
  streams_.add(0, 2, "state", morning + 9s);
  streams_.add(0, 3, "state", morning);
  streams_.add(0, 4, "time");
  RejectedSummary summary;
  for (const RejectedItem& item : streams_.kept[0]) summary.add(item);
  ASSERT_THAT(summary.by_field(), ElementsAre(Pair("state", testing::_), Pair("time", testing::_)));
  const auto& group = summary.by_field().at("state");
  EXPECT_EQ(group.count, 3U);
  EXPECT_EQ(group.first, morning);
  EXPECT_EQ(group.last, morning + 9s);
  EXPECT_EQ(to_json_text("state", group),
            R"({"field":"state","count":3,"first":"2026-01-31T08:00:00.000Z","last":"2026-01-31T08:00:09.000Z",)"
            R"("id":"0:2-0","detail":"state is wrong"})");
}

TEST_F(RejectedTest, NamedEntriesAreRequeuedAndMissingOnesAreSaid) {
  streams_.add(0, 1, "state");
  streams_.add(0, 2, "state");
  const RejectedId gone{.partition = 1, .id = {.ms = 8, .seq = 0}};
  const Requeued done = run(requeue(streams_, {.ids = {gone, streams_.kept[0][1].id}})).value();
  EXPECT_EQ(done.events, 1U);
  EXPECT_THAT(done.missing, ElementsAre(gone));
  EXPECT_FALSE(done.failure);
  EXPECT_THAT(streams_.requeued, ElementsAre("0:2-0"));
}

TEST_F(RejectedTest, AllOfAFieldAreRequeued) {
  streams_.add(0, 1, "state");
  streams_.add(0, 2, "time");
  streams_.add(2, 3, "time");
  EXPECT_EQ(run(requeue(streams_, {.all = true, .field = "time"}))->events, 2U);
  EXPECT_THAT(streams_.requeued, ElementsAre("0:2-0", "2:3-0"));
  EXPECT_EQ(run(requeue(streams_, {.all = true}))->events, 1U);
}

TEST_F(RejectedTest, AtAFailureItEndsAndSaysWhere) {
  for (std::uint64_t ms = 1; ms <= 3; ++ms) streams_.add(0, ms, "state");
  streams_.refused = streams_.kept[0][1].id;
  const Requeued done = run(requeue(streams_, {.all = true})).value();
  EXPECT_EQ(done.events, 1U);
  ASSERT_TRUE(done.failure);
  EXPECT_EQ(done.failure->id, streams_.refused);
  EXPECT_EQ(done.failure->why.message, "full");
}

TEST_F(RejectedTest, WhereTheyCannotBeListedNoneIsRequeued) {
  streams_.add(0, 1, "state");
  streams_.fails_at = 1;
  EXPECT_EQ(run(requeue(streams_, {.all = true})).error().message, "gone");
  EXPECT_THAT(streams_.requeued, IsEmpty());
}

}  // namespace
}  // namespace dun::operations
