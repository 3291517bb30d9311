// What the checker knows of money, days and receipts: each rule is shown to be one that can be broken.
#include "tests/sim/history.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

struct Row {
  std::vector<std::string> events;  ///< of one account, as story_event has them, all applied
  NoticeKind kind{};
  std::string text;
  std::string promise;  ///< that it breaks; empty: none
};

/// The claim of a notice at 10:00 whose cause is the first event.
Violations violations_of(const Row& row) {
  History history;
  for (const std::string& line : row.events) history.take(history.publish("a", line));
  history.look();
  InFlight notice = history.notice("1", "a", row.kind, "10:00:00", "e1");
  notice.errand = Submission{.text = row.text};
  history.claim(notice);
  return history.wrong();
}

void expect(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Violations wrong = violations_of(row);
    if (row.promise.empty())
      EXPECT_THAT(wrong, IsEmpty()) << row.text;
    else
      EXPECT_THAT(wrong, Contains(StartsWith(row.promise + ":"))) << row.text;
  }
}

const std::string debt = "10:00:00+08:00 credit.changed state=arrears balance=-50";
const std::string at_ten = "event_time=20260302 1000|";

TEST(Checker, FindsAnAccusationOfSomebodyWhoOwesNothing) {
  const std::string stopped = "10:00:00+08:00 service.suspended";
  const std::string paid = "10:00:00+08:00 payment.received amount=50 balance=0";
  const std::string because = at_ten + "reason=debt|state=arrears|";
  expect({
      {{stopped}, NoticeKind::suspended, because, ""},
      {{stopped, paid}, NoticeKind::suspended, because, "accused"},
      {{stopped, paid}, NoticeKind::suspended, at_ten + "reason=other|state=clear|", ""},
      {{paid, stopped}, NoticeKind::suspended, because, "accused"},
      {{"10:00:00+08:00 credit.changed state=suspended balance=-0.4 currency=JPY"},
       NoticeKind::suspended,
       because,
       "accused"},
      {{stopped, paid}, NoticeKind::resumed, at_ten + "owed=CNY 50.00|", "accused"},
  });
}

TEST(Checker, FindsAnAmountThatIsNotTheDebt) {
  const std::string limited = "10:00:00+08:00 credit.changed balance=-120 credit_limit=100";
  expect({
      {{debt}, NoticeKind::dunning, at_ten + "owed=CNY 50.00|", ""},
      {{debt}, NoticeKind::dunning, at_ten + "owed=CNY 5.00|", "amount"},
      {{debt}, NoticeKind::dunning, at_ten + "owed=EUR 50.00|", "currency"},
      {{limited}, NoticeKind::dunning, at_ten + "owed=CNY 20.00|credit_limit=CNY 100.00|", ""},
      {{limited}, NoticeKind::dunning, at_ten + "owed=CNY 120.00|", "amount"},
      {{limited}, NoticeKind::dunning, at_ten + "owed=CNY 20.00|", "amount"},
      {{debt, "10:00:00+08:00 credit.changed state=arrears"},
       NoticeKind::dunning,
       at_ten + "owed=CNY 50.00|",
       "amount"},
  });
}

TEST(Checker, FindsAnAmountWithTheTimeOfAnotherPosition) {
  const std::string more = "10:00:00+08:00 credit.changed state=arrears balance=-300";
  const std::string before = "09:00:00+08:00 credit.changed state=arrears balance=-50";
  const std::string at_nine = "event_time=20260302 0900|";
  expect({
      {{before, more}, NoticeKind::dunning, at_ten + "owed=CNY 300.00|", ""},
      {{before, more}, NoticeKind::dunning, at_nine + "owed=CNY 300.00|", "time"},
      {{before}, NoticeKind::dunning, at_ten + "owed=CNY 50.00|as_of=20260302 0900|", "time"},
      {{before, "10:00:00+08:00 service.suspended"},
       NoticeKind::suspended,
       at_ten + "owed=CNY 50.00|as_of=20260302 0900|state=suspended|",
       ""},
      {{before, "10:00:00+08:00 service.suspended"}, NoticeKind::suspended, at_ten + "owed=CNY 50.00|", "time"},
  });
}

TEST(Checker, FindsADayThatIsPastOrNotPlanned) {
  const std::string due = "10:00:00+08:00 suspension.scheduled suspend_at=2026-03-0";
  const std::string fourth = at_ten + "suspend_at=20260304 1000|state=suspension_due|";
  expect({
      {{due + "4T10:00:00+08:00"}, NoticeKind::suspension_warning, fourth, ""},
      {{due + "5T10:00:00+08:00"}, NoticeKind::suspension_warning, fourth, "date"},
      {{due + "1T10:00:00+08:00"}, NoticeKind::suspension_warning, at_ten, "past"},
      {{debt}, NoticeKind::dunning, at_ten + "suspend_at=20260301 1000|", "past"},
      {{"10:00:00+08:00 charge.upcoming charge_at=2026-03-02T09:59:00+08:00",
        "10:00:00+08:00 account.updated opt_in=charge"},
       NoticeKind::charge,
       at_ten,
       "past"},
  });
}

TEST(Checker, FindsAThreatWithWhatHasHappened) {
  const std::string stopped = "10:00:00+08:00 service.suspended";
  expect({
      {{debt, stopped}, NoticeKind::dunning, at_ten + "state=suspended|", ""},
      {{debt, stopped}, NoticeKind::dunning, at_ten + "state=arrears|", "threat"},
      {{debt, stopped}, NoticeKind::suspension_warning, at_ten + "state=suspended|", "threat"},
      {{debt, stopped}, NoticeKind::dunning, at_ten + "state=suspended|suspend_at=20260305 1000|", "threat"},
  });
}

TEST(Checker, FindsThanksForNothing) {
  const std::string paid = "10:00:00+08:00 payment.received amount=20";
  const std::string amount = at_ten + "amount=CNY 20.00|";
  expect({
      {{paid}, NoticeKind::payment_received, amount, ""},
      {{paid}, NoticeKind::payment_received, at_ten + "amount=EUR 20.00|", "currency"},
      {{paid}, NoticeKind::payment_received, at_ten + "amount=CNY 2.00|", "amount"},
      {{"10:00:00+08:00 payment.received amount=0.00"}, NoticeKind::payment_received, at_ten, "thanks"},
      {{"10:00:00+08:00 payment.received amount=0.4 currency=JPY"}, NoticeKind::payment_received, at_ten, "thanks"},
      {{"10:00:00+08:00 payment.reversed amount=20"}, NoticeKind::payment_received, at_ten, "thanks"},
      {{paid, "10:00:00+08:00 payment.reversed amount=20"}, NoticeKind::payment_received, amount, "thanks"},
      {{paid, "10:00:00+08:00 payment.reversed amount=5"}, NoticeKind::payment_received, amount, ""},
      {{paid, "10:00:01+08:00 credit.changed state=arrears balance=-50"},
       NoticeKind::payment_received,
       amount + "owed=CNY 50.00|",
       "time"},
  });
}

TEST(Checker, FindsTheLastStageThatIsHeardFirst) {
  for (const bool known : {false, true}) {
    History history;
    if (known) history.take(history.publish("a", "09:00:00+08:00 credit.changed state=clear"));
    history.take(history.owe("a"));
    InFlight notice = history.notice("1", "a", NoticeKind::dunning);
    notice.step = 3;
    history.look();
    history.claim(notice);
    EXPECT_EQ(history.wrong().size(), known ? 0U : 1U);
    if (!known) EXPECT_THAT(history.wrong(), Contains(StartsWith("stage:")));
  }
}

TEST(Checker, FindsASuspensionThatNobodyWasWarnedOf) {
  for (const std::string told : {"nobody", "the customer", "billing"}) {
    History history;
    history.take(history.publish("a", "10:00:00+08:00 suspension.scheduled suspend_at=2026-03-04T10:00:00+08:00"));
    InFlight notice = history.notice("1", "a", NoticeKind::suspension_warning, "10:00:00", "e1");
    if (told == "the customer") {
      notice.errand = Submission{.text = at_ten + "suspend_at=20260304 1000|"};
      history.tell(notice);
    } else if (told == "billing") {
      Commit risk = history.commit();
      risk.journal = {{.type = OutcomeType::suspension_at_risk,
                       .account = AccountId("a"),
                       .detail = "suspension planned for " + to_rfc3339(at("2026-03-04T10:00:00+08:00"))}};
      history.put(risk);
    }
    // The same day again is no news, and another one is.
    history.take(history.publish("a", "10:00:01+08:00 suspension.cancelled"));
    history.take(history.publish("a", "10:00:02+08:00 suspension.scheduled suspend_at=2026-03-04T10:00:00+08:00"));
    history.publish("a", "10:00:03+08:00 refund.credited amount=1");
    Commit later = history.commit();
    later.at += date::days(3);
    later.journal = {{.type = OutcomeType::event_applied, .cause = EventId("e4")}};
    history.put(later);
    const auto unwarned = Contains(StartsWith("warned: nobody was told that a is suspended at 2026-03-04T02:00:00"));
    if (told == "nobody")
      EXPECT_THAT(history.wrong(), unwarned);
    else
      EXPECT_THAT(history.wrong(), testing::Not(unwarned)) << told;
    history.take(history.publish("a", "10:00:04+08:00 suspension.scheduled suspend_at=2026-03-25T10:00:00+08:00"));
    EXPECT_THAT(history.finish(), Contains(StartsWith("warned: nobody was told that a is suspended at 2026-03-25")));
  }
}

/// A receipt of the notice is read.
void receive(History& history, const InFlight& notice, const std::string& status = "delivered") {
  history.state->last_id.seq += 1;
  history.checker.added(0, history.state->last_id,
                        {{"id", "r"}, {"type", "dun.receipt"}, {"notice", notice.notice.str()}, {"status", status}});
  history.put(history.commit());
}

TEST(Checker, FindsWhatHasArrivedAndIsSentAgain) {
  for (const std::string status : {"delivered", "failed"}) {
    History history;
    history.take(history.pay("a"));
    const InFlight notice = history.notice("1", "a");
    history.look();
    history.claim(notice);
    history.begin(notice);
    receive(history, notice, status);
    history.answer(notice, SendThrottled{});
    Commit back = history.commit();
    back.settled = {notice.notice};
    history.put(back);
    history.look();
    history.claim(notice);
    EXPECT_EQ(history.wrong().size(), status == "delivered" ? 1U : 0U);
    if (status == "delivered") EXPECT_THAT(history.wrong(), Contains("again: a~1 has arrived"));
  }
}

TEST(Checker, FindsAReceiptThatWasNotTheLastWord) {
  for (const bool said : {false, true}) {
    History history;
    history.take(history.pay("a"));
    const InFlight notice = history.notice("1", "a");
    history.look();
    history.claim(notice);
    history.begin(notice);
    history.taken.push_back(History::sent(notice));
    history.checker.denied(notice.notice.str());
    history.answer(notice, SendRejected{});
    history.end(notice, OutcomeType::notice_failed);
    receive(history, notice);
    if (said) {
      Commit last = history.commit();
      last.journal = {History::outcome(OutcomeType::notice_delivered, notice)};
      history.put(last);
    }
    const auto unsaid = Contains("receipt: a~1 has arrived, and is not called delivered");
    if (said)
      EXPECT_THAT(history.finish(), testing::Not(unsaid));
    else
      EXPECT_THAT(history.finish(), unsaid);
  }
}

TEST(Checker, FindsWhatIsCalledDeliveredWithoutAReceipt) {
  History history;
  history.take(history.pay("a"));
  const InFlight notice = history.notice("1", "a");
  history.tell(notice);
  Commit last = history.commit();
  last.journal = {History::outcome(OutcomeType::notice_delivered, notice)};
  history.put(last);
  EXPECT_THAT(history.wrong(), Contains(StartsWith("receipt: a~1 is called delivered")));
}

TEST(Checker, CountsWhatMayHaveBeenToldAsTold) {
  for (const bool asked : {false, true}) {
    History history({.doubts_end = asked});
    history.take(history.owe("a"));
    const InFlight notice = history.notice("1", "a", NoticeKind::dunning);
    history.look();
    history.claim(notice);
    history.begin(notice);
    history.answer(notice, SendUnknown{});
    history.end(notice, OutcomeType::notice_unknown);
    history.claim(history.notice("2", "a", NoticeKind::dunning));
    // A gateway that can be asked has said that it never had it.
    EXPECT_EQ(history.wrong().size(), asked ? 0U : 1U);
    if (!asked) EXPECT_THAT(history.wrong(), Contains("cap: a~2 is the second dunning of a day"));
  }
}

struct Taking {
  std::vector<std::string> lines;
  OutcomeType last;  ///< how the last one is to be taken
};

TEST(Checker, TellsEventsApartBySourceAndId) {
  const std::string paid = "10:00:00+08:00 payment.received amount=20";
  const std::vector<Taking> rows = {
      {{paid + " id=x source=billing", paid + " id=x source=payments"}, OutcomeType::event_applied},
      {{paid + " id=x source=billing", paid + " id=x source=billing"}, OutcomeType::event_duplicate},
      {{paid + " id=x source=billing", paid + " id=x source=billing amount=30"}, OutcomeType::event_conflict},
      {{paid, paid}, OutcomeType::event_applied},
      {{debt, debt + " source=payments"}, OutcomeType::event_duplicate},
      {{paid + " source=a seq=9", paid + " source=b seq=1"}, OutcomeType::event_applied},
      {{paid + " source=a seq=9", paid + " source=a seq=1"}, OutcomeType::event_superseded},
  };
  for (const Taking& row : rows) {
    AccountModel account;
    OutcomeType last{};
    int count = 0;
    for (const std::string& line : row.lines)
      last = account.take(story_event("2026-03-02T" + line, ++count), Instant());
    EXPECT_EQ(last, row.last) << row.lines.back();
  }
}

TEST(Checker, AnnouncesNoDayThatADebtMayHaveEndedBefore) {
  for (const bool known : {true, false}) {
    AccountModel account;
    account.take(
        story_event("2026-03-02T10:00:00+08:00 credit.changed state=suspended suspend_at=2026-03-09T10:00:00Z" +
                        std::string(known ? " balance=-50" : ""),
                    1),
        Instant());
    account.take(story_event("2026-03-03T10:00:00+08:00 service.resumed", 2), Instant());
    account.take(story_event("2026-03-04T10:00:00+08:00 payment.reversed amount=20 balance=-60", 3), Instant());
    EXPECT_EQ(account.announced().has_value(), known);
  }
}

TEST(Checker, ExpectsTheReceiptOfWhatMayBeOutAndNotOfWhatWasRefused) {
  for (const bool asked : {true, false}) {
    ReceiptBook book(asked);
    Violations out;
    const auto end = [&](const std::string& id, OutcomeType type) {
      book.claimed("a~" + id);
      book.take({.type = type, .notice = NoticeId("a~" + id)}, out);
    };
    end("1", OutcomeType::notice_unknown);
    end("1", OutcomeType::notice_failed);
    for (const char* id : {"2", "3", "4"}) end(id, OutcomeType::notice_sent);
    book.read("a~1");
    book.weigh("a~1", true);
    book.finish({}, out);
    // A gateway that was asked about the first attempt has said that it never had it.
    EXPECT_EQ(out.size(), asked ? 0U : 1U);
  }
}

TEST(Checker, OwesThanksForAPaymentThatComesLate) {
  AccountModel account;
  account.take(story_event("2026-03-02T" + debt, 1), Instant());
  EXPECT_EQ(account.take_owed().size(), 1U);
  const Fields late = story_event("2026-03-02T09:00:00+08:00 payment.received amount=20", 2);
  EXPECT_EQ(account.take(late, Instant()), OutcomeType::event_superseded);
  const auto owed = account.take_owed();
  ASSERT_EQ(owed.size(), 1U);
  EXPECT_EQ(owed.front().kind, NoticeKind::payment_received);
  EXPECT_EQ(account.take(late, Instant()), OutcomeType::event_duplicate) << "once";
}

}  // namespace
}  // namespace dun::test
