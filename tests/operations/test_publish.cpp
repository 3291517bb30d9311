// Lines onto the streams: which go, what is told of the others, and what a failure leaves.
#include "operations/publish.hpp"

#include "tests/support/run_async.hpp"

#include <gmock/gmock.h>

namespace dun::operations {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Keeps what it is given, until it fails.
class KeptStreams final : public EventStreams {
 public:
  Awaitable<StoreResult<void>> publish(std::vector<Fields> events, bool direct, int replicas) override {
    if (failure) co_return std::unexpected(*failure);
    for (Fields& fields : events) kept.push_back({.number = 0, .fields = std::move(fields)});
    went_direct = direct;
    waited_for = replicas;
    co_return StoreResult<void>();
  }
  Awaitable<StoreResult<NumberedEnd>> numbered_end() override {
    if (failure) co_return std::unexpected(*failure);
    co_return end;
  }
  Awaitable<StoreResult<void>> publish_numbered(std::uint64_t connection, std::vector<NumberedEvent> events,
                                                int replicas) override {
    EXPECT_EQ(connection, end.connection);
    std::ranges::move(events, std::back_inserter(kept));
    waited_for = replicas;
    co_return StoreResult<void>();
  }

  std::vector<NumberedEvent> kept;
  bool went_direct = false;
  int waited_for = 0;
  NumberedEnd end{.stream = "dun:events", .last = "0-0", .number = 0, .connection = 7};
  std::optional<scheduler::StoreError> failure;
};

constexpr std::string_view payment =
    R"({"id":"e1","type":"payment.received","account":"A1","time":"2026-01-31T00:00:00Z","amount":5,"currency":"CNY")";
const std::string good = std::string(payment) + "}";
const std::string misspelt = std::string(payment) + R"(,"brnad":"x"})";

class PublishTest : public testing::Test {
 protected:
  static constexpr auto day = "2026-01-31T13:45:00Z";

  template <typename T>
  T run(Awaitable<T> work) {
    return test::run(context_, std::move(work));
  }
  /// What is told of the lines, as `3 error: what`; they are sent as a command would.
  std::vector<std::string> publish(PublishOrder order, const std::vector<std::string>& lines) {
    Publication publication(streams_, order);
    EXPECT_TRUE(run(publication.begin()));
    std::vector<std::string> told;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (const auto remark = publication.take(i + 1, lines[i], *parse_rfc3339(day)))
        told.push_back(std::to_string(i + 1) + (remark->refused ? " error: " : " warning: ") + remark->what);
      if (publication.full()) EXPECT_TRUE(run(publication.send()));
    }
    if (!publication.empty()) EXPECT_TRUE(run(publication.send()));
    counts_ = publication.counts();
    return told;
  }
  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> all;
    for (const NumberedEvent& event : streams_.kept) all.push_back(event.number);
    return all;
  }

  boost::asio::io_context context_;
  KeptStreams streams_;
  Publication::Counts counts_;
};

TEST_F(PublishTest, ALineThatIsWrongKeepsNoOtherBack) {
  EXPECT_THAT(publish({}, {good, "no json", "{}", " \t\r", "", R"({"id":"e2"})", good}),
              ElementsAre(HasSubstr("2 error: not JSON"), "3 error: holds no field",
                          testing::StartsWith("6 error: field type: missing")));
  EXPECT_THAT(streams_.kept, SizeIs(2));
  EXPECT_EQ(counts_.published, 2U);
  EXPECT_EQ(counts_.refused, 3U);
}

TEST_F(PublishTest, ALineMayBeAsLongAsTheBoundAndNoLonger) {
  std::string line = good;
  line.resize(Publication::line_most, ' ');
  EXPECT_THAT(publish({}, {line, line + " "}), ElementsAre("2 error: longer than 1048576 bytes"));
}

TEST_F(PublishTest, UncheckedTheServiceJudges) {
  EXPECT_THAT(publish({.unchecked = true}, {R"({"id":"e2"})", misspelt, "no json"}),
              ElementsAre(HasSubstr("3 error: not JSON")));
  EXPECT_THAT(streams_.kept, SizeIs(2));
  EXPECT_EQ(counts_.partly, 0U);
}

TEST_F(PublishTest, AFieldThatCountsForNothingIsToldOfOnceASort) {
  EXPECT_THAT(publish({}, {misspelt, misspelt, good}),
              ElementsAre("1 warning: left out: brnad (no field of this name)"));
  EXPECT_EQ(counts_.partly, 2U);
  EXPECT_EQ(counts_.published, 3U) << "the rest of them counts";
}

TEST_F(PublishTest, HowItGoesIsOrdered) {
  EXPECT_THAT(publish({.direct = true, .replicas = 2}, {good}), IsEmpty());
  EXPECT_TRUE(streams_.went_direct);
  EXPECT_EQ(streams_.waited_for, 2);
}

TEST_F(PublishTest, ManyGoInBatches) {
  Publication publication(streams_, {});
  for (std::uint64_t line = 1; !publication.full(); ++line)
    EXPECT_FALSE(publication.take(line, good, *parse_rfc3339(day)));
  EXPECT_EQ(run(publication.send()).value(), 512U);
  EXPECT_TRUE(publication.empty());
}

TEST_F(PublishTest, ResumedItGoesOnBehindWhatIsThere) {
  streams_.end.number = 2;
  EXPECT_THAT(publish({.resume = true}, {good, "no json", "", good, good}), IsEmpty()) << "the second line is past";
  EXPECT_THAT(numbers(), ElementsAre(4U, 5U)) << "numbers are those of the lines";
}

TEST_F(PublishTest, AFrontDoorThatOthersWriteToCannotBeResumed) {
  streams_.end = {.stream = "dun:events", .last = "1767225600000-0", .number = {}, .connection = 7};
  Publication publication(streams_, {.resume = true});
  const auto begun = run(publication.begin());
  ASSERT_FALSE(begun);
  EXPECT_EQ(std::get<Publication::NotNumbered>(begun.error()).last, "1767225600000-0");

  streams_.failure = {.message = "gone"};
  const auto again = run(publication.begin());
  EXPECT_EQ(std::get<scheduler::StoreError>(again.error()).message, "gone");
}

TEST_F(PublishTest, AFailureSaysHowManyItWasAbout) {
  Publication publication(streams_, {});
  EXPECT_FALSE(publication.take(1, good, *parse_rfc3339(day)));
  EXPECT_FALSE(publication.take(2, good, *parse_rfc3339(day)));
  streams_.failure = {.kind = scheduler::StoreError::Kind::refused, .message = "full"};
  const auto sent = run(publication.send());
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().events, 2U);
  EXPECT_EQ(sent.error().why.message, "full");
  EXPECT_EQ(publication.counts().published, 0U);
}

}  // namespace
}  // namespace dun::operations
