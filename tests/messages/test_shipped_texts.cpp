// The texts that Dun ships with, as receivers get them.
#include "config/messages_loader.hpp"
#include "messages/catalogue.hpp"
#include "messages/sample.hpp"
#include "messages/segmentation.hpp"

#include <date/tz.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <ostream>
#include <string>
#include <vector>

namespace dun::messages {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Catalogue& shipped() {
  static const Catalogue catalogue = [] {
    config::Mistakes mistakes;
    CatalogueOptions options;
    options.languages = config::load_messages(DUN_SOURCE_DIR "/config/messages", mistakes);
    auto compiled = config::compile_messages(options, mistakes);
    for (const auto& mistake : mistakes) ADD_FAILURE() << config::to_text(mistake);
    return compiled.value();
  }();
  return catalogue;
}

struct Row {
  const char* lang;
  const char* kind;
  int step;
  int parts;
  const char* text;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.lang << ' ' << row.kind << ' ' << row.step;
}

class ShippedText : public ::testing::TestWithParam<Row> {};

TEST_P(ShippedText, reads_like_this) {
  const auto& [lang, kind, step, parts, text] = GetParam();
  MessageContext context = sample_context(notice_kind(kind).value(), step, false);
  context.lang = lang;
  const auto rendered = shipped().render(context);
  ASSERT_TRUE(rendered) << rendered.error();
  EXPECT_EQ(rendered->text, text);
  EXPECT_EQ(rendered->parts, parts);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(
    Table, ShippedText,
    ::testing::Values(
        Row{"zh-CN", "early_reminder", 0, 1,
            "您的账户138001380001余额18.40元，已偏低（截至3月31日 22:30），预计4月3日 10:30用尽。请及时充值。"},
        Row{"zh-CN", "dunning", 1, 1,
            "您的账户138001380001已欠费1,286.50元（截至3月31日 22:30），应于3月29日前缴清，请尽快缴费。已缴请忽略。"},
        Row{"zh-CN", "dunning", 2, 2,
            "缴费提醒：账户138001380001仍欠费1,286.50元（截至3月31日 22:30，期限3月29日）。请尽快缴清，以免服务于4月4日 11:00暂停。对账单有疑问请联系客服，已缴请忽略。"},
        Row{"zh-CN", "dunning", 3, 2,
            "最后提醒：账户138001380001仍欠费1,286.50元（截至3月31日 22:30，期限3月29日）。请即缴清，否则将于4月4日 11:00停机。有困难请联系客服，已缴请忽略。"},
        Row{"zh-CN", "suspension_warning", 0, 2,
            "停机提醒：您的账户138001380001欠费1,286.50元（截至3月31日 22:30）。如未在4月4日 11:00前缴清，届时服务将暂停。已缴请忽略。"},
        Row{"zh-CN", "suspended", 0, 1,
            "您的账户138001380001因欠费1,286.50元，已于3月31日 22:30暂停服务。缴清后将恢复。"},
        Row{"zh-CN", "resumed", 0, 1,
            "您的账户138001380001已于3月31日 22:30恢复服务。感谢您的支持。"},
        Row{"zh-CN", "payment_received", 0, 1,
            "您的账户138001380001缴费300.00元已于3月31日 22:30到账，尚欠1,286.50元。感谢您的支持。"},
        Row{"zh-CN", "refund", 0, 1,
            "您的账户138001380001退款300.00元已于3月31日 22:30入账。"},
        Row{"zh-CN", "charge", 0, 2,
            "扣费提醒：您的账户138001380001订购的“Mobile 50 GB”将于4月2日 10:30扣费300.00元（截至3月31日 22:30）。如不需要，请提前退订。"},
        Row{"zh-CN", "manager_task", 0, 2,
            "任务 138001380001~t7k2m9x0c1b8n3qrt：7级客户账户138001380001（+8613800138000），欠费1,286.50元（截至3月31日 22:30），4月4日 11:00停机。请您联系客户并确认。"},
        Row{"zh-CN", "manager_update", 0, 2,
            "任务更新 138001380001~t7k2m9x0c1b8n3qrt：账户138001380001（+8613800138000），4月4日 11:00停机，欠费1,286.50元（截至3月31日 22:30）。"},
        Row{"zh-CN", "escalation", 0, 2,
            "任务升级：Li Wei的任务 138001380001~t7k2m9x0c1b8n3qrt 超时。7级客户账户138001380001，欠费1,286.50元（截至3月31日 22:30），4月4日 11:00停机。请您跟进。"},
        Row{"zh-CN", "ops_alert", 0, 1,
            "系统告警：3月31日 22:30发现异常，涉及账户138001380001。请登录控制台查看并处理。"},
        Row{"en", "early_reminder", 0, 1,
            "Account 138001380001 has a low balance: CNY 18.40 (as of Mar 31, 22:30). It should last until Apr 3, 10:30. Please top up in time."},
        Row{"en", "dunning", 1, 1,
            "CNY 1,286.50 on account 138001380001 is overdue (Mar 31, 22:30; due Mar 29). Please pay to keep your service running. Already paid? Ignore this."},
        Row{"en", "dunning", 2, 2,
            "Reminder: CNY 1,286.50 on account 138001380001, due Mar 29, is unpaid (as of Mar 31, 22:30). Please pay soon to avoid suspension on Apr 4, 11:00. Questions? Contact us. Already paid? Ignore this."},
        Row{"en", "dunning", 3, 2,
            "Final reminder: CNY 1,286.50 on account 138001380001, due Mar 29, is unpaid (as of Mar 31, 22:30). Please pay now or service will be suspended on Apr 4, 11:00. Cannot pay, or questions? Contact us. Already paid? Ignore this."},
        Row{"en", "suspension_warning", 0, 2,
            "Suspension notice: service on account 138001380001 will be suspended on Apr 4, 11:00 unless you pay CNY 1,286.50 before then (as of Mar 31, 22:30). Already paid? Ignore this."},
        Row{"en", "suspended", 0, 1,
            "Service on account 138001380001 was suspended on Mar 31, 22:30 as CNY 1,286.50 is unpaid. We will restore it after you pay."},
        Row{"en", "resumed", 0, 1,
            "Service on account 138001380001 was restored on Mar 31, 22:30. Thank you."},
        Row{"en", "payment_received", 0, 1,
            "We received your payment of CNY 300.00 for account 138001380001 on Mar 31, 22:30. You still owe CNY 1,286.50. Thank you."},
        Row{"en", "refund", 0, 1,
            "A refund of CNY 300.00 was credited to your account 138001380001 on Mar 31, 22:30."},
        Row{"en", "charge", 0, 1,
            "Account 138001380001 will be charged CNY 300.00 for Mobile 50 GB on Apr 2, 10:30 (as of Mar 31, 22:30). To stop it, cancel before then."},
        Row{"en", "manager_task", 0, 2,
            "Task 138001380001~t7k2m9x0c1b8n3qrt for Li Wei: account 138001380001 (tel. +8613800138000), level 7, owes CNY 1,286.50 (as of Mar 31, 22:30), suspension on Apr 4, 11:00. Please call the customer and acknowledge the task."},
        Row{"en", "manager_update", 0, 2,
            "Update on task 138001380001~t7k2m9x0c1b8n3qrt: account 138001380001 (tel. +8613800138000) is about to be suspended, owes CNY 1,286.50, suspension on Apr 4, 11:00 (as of Mar 31, 22:30)."},
        Row{"en", "escalation", 0, 2,
            "Escalation: task 138001380001~t7k2m9x0c1b8n3qrt of Li Wei was not dealt with in time. Account 138001380001 (tel. +8613800138000), level 7, owes CNY 1,286.50 (as of Mar 31, 22:30), suspension on Apr 4, 11:00. Please follow up."},
        Row{"en", "ops_alert", 0, 1,
            "System alert: a fault was found on Mar 31, 22:30, account 138001380001. Please look at the console."}));
// clang-format on

/// The event time as a reader of the language writes it, worked out without ICU.
std::string written(Instant instant, const std::string& zone, const std::string& lang) {
  const auto local = date::make_zoned(zone, instant).get_local_time();
  const auto day = date::floor<date::days>(local);
  const date::year_month_day ymd(day);
  const date::hh_mm_ss time(local - day);
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const unsigned month = static_cast<unsigned>(ymd.month());
  const std::string clock = fmt::format("{:02}:{:02}", time.hours().count(), time.minutes().count());
  if (lang == "en") return fmt::format("{} {}, {}", months.at(month - 1), static_cast<unsigned>(ymd.day()), clock);
  return fmt::format("{}月{}日 {}", month, static_cast<unsigned>(ymd.day()), clock);
}

/// Calls `check` with every kind and step of a language, with and without what may be missing, held and not.
template <typename Check>
void for_every_message(const std::string& lang, Check check) {
  int seen = 0;
  for (const auto& entry : shipped().entries()) {
    if (entry.lang != lang) continue;
    for (const bool held : {false, true}) {
      for (MessageContext context :
           {sample_context(entry.kind, entry.step, held), bare_sample_context(entry.kind, entry.step, held)}) {
        context.lang = lang;
        SCOPED_TRACE(fmt::format("{} {} {} held={}", lang, to_text(entry.kind), entry.step, held));
        check(context);
        ++seen;
      }
    }
  }
  ASSERT_EQ(seen, 4 * (static_cast<int>(notice_kinds) + 2)) << "three dunning steps and eleven other kinds";
}

TEST(ShippedTexts, carry_the_event_time_in_every_zone) {
  const std::vector<std::string> zones = {"Asia/Shanghai",    "America/New_York", "Asia/Kathmandu", "Pacific/Apia",
                                          "America/St_Johns", "Europe/London",    "Asia/Almaty",    "UTC"};
  const std::vector<std::string> times = {"2026-03-31T14:30:00Z", "2026-12-31T23:59:59.999Z", "2026-10-25T01:30:00Z",
                                          "2026-03-29T01:00:00Z", "2028-02-29T12:00:00Z"};
  for (const std::string lang : {"zh-CN", "en"}) {
    for_every_message(lang, [&](MessageContext context) {
      for (const std::string& zone : zones) {
        for (const std::string& time : times) {
          context.zone = zone;
          context.event_time = parse_rfc3339(time).value();
          const auto rendered = shipped().render(context);
          ASSERT_TRUE(rendered) << rendered.error();
          EXPECT_THAT(rendered->text, HasSubstr(written(context.event_time, zone, lang)));
        }
      }
    });
  }
}

TEST(ShippedTexts, say_when_they_were_held_and_only_then) {
  for (const auto& [lang, remark] : {std::pair{"zh-CN", "（延迟发送）"}, std::pair{"en", " (Delayed message.)"}}) {
    for_every_message(lang, [&](const MessageContext& context) {
      const auto rendered = shipped().render(context);
      ASSERT_TRUE(rendered) << rendered.error();
      if (context.held) {
        EXPECT_TRUE(rendered->text.ends_with(remark)) << rendered->text;
      } else {
        EXPECT_THAT(rendered->text, Not(HasSubstr(remark)));
      }
    });
  }
}

TEST(ShippedTexts, carry_every_currency_within_the_limits) {
  for (const std::string lang : {"zh-CN", "en"}) {
    for_every_message(lang, [&](MessageContext context) {
      if (!context.balance) return;
      for (const std::string currency : {"CNY", "USD", "EUR", "JPY", "KWD", "IDR", "KRW", "INR", "XQZ"}) {
        context.currency = context.amount_currency = currency;
        context.balance = Amount::parse("-123456789.01").value();
        context.owed = -*context.balance;
        context.amount = Amount::parse("98765.5").value();
        const auto rendered = shipped().render(context);
        ASSERT_TRUE(rendered) << rendered.error();
        EXPECT_EQ(rendered->encoding, lang == "en" ? Encoding::gsm7 : Encoding::ucs2) << rendered->text;
        EXPECT_LE(rendered->parts, 3) << rendered->text;
      }
    });
  }
}

TEST(ShippedTexts, in_english_are_gsm7_and_never_show_the_code_of_a_brand) {
  for_every_message("en", [&](const MessageContext& context) {
    const auto rendered = shipped().render(context);
    EXPECT_EQ(rendered->encoding, Encoding::gsm7) << first_outside_gsm7(rendered->text) << " in " << rendered->text;
  });
  for (const std::string lang : {"zh-CN", "en"}) {
    for_every_message(lang, [&](MessageContext context) {
      context.brand = "main";
      EXPECT_THAT(shipped().render(context)->text, Not(HasSubstr("main")));
    });
  }
}

TEST(ShippedTexts, leave_no_traces_of_what_is_missing) {
  for (const std::string lang : {"zh-CN", "en"}) {
    for_every_message(lang, [](const MessageContext& context) {
      const std::string text = shipped().render(context)->text;
      for (const char* const trace : {"{",  "}",    "none", "other", "  ", " .",   " ,", "，，", "，。", "1970",
                                      "()", "（）", "“”",   "【",    "】", "；。", "..", "。。", " ;",   ": ;"})
        EXPECT_THAT(text, Not(HasSubstr(trace))) << text;
    });
  }
}

TEST(ShippedTexts, tell_a_customer_what_is_owed_as_a_positive_amount) {
  for (const NoticeKind kind : {NoticeKind::dunning, NoticeKind::suspension_warning, NoticeKind::suspended}) {
    MessageContext context = sample_context(kind, 1, false);
    context.owed = Amount::parse("42.10").value();
    EXPECT_THAT(shipped().render(context)->text, AllOf(HasSubstr("欠费42.10元"), Not(HasSubstr("-"))));
    context.lang = "en";
    EXPECT_THAT(shipped().render(context)->text, AllOf(HasSubstr("CNY 42.10"), Not(HasSubstr("-"))));
  }
}

TEST(ShippedTexts, tell_the_dunning_steps_apart) {
  for (const std::string lang : {"zh-CN", "en"}) {
    const auto text = [&](int step) {
      MessageContext context = sample_context(NoticeKind::dunning, step, false);
      context.lang = lang;
      return shipped().render(context)->text;
    };
    EXPECT_NE(text(1), text(2));
    EXPECT_NE(text(2), text(3));
    EXPECT_EQ(text(4), text(3));
    EXPECT_EQ(text(0), text(1));
  }
}

MessageContext sample_in(const std::string& lang, NoticeKind kind, int step = 0) {
  MessageContext context = sample_context(kind, step, false);
  context.lang = lang;
  return context;
}

std::string text_of(const MessageContext& context) {
  const auto rendered = shipped().render(context);
  return rendered ? rendered->text : "error: " + rendered.error();
}

TEST(ShippedTexts, receipt_of_a_payment_says_what_is_left) {
  MessageContext context = sample_in("en", NoticeKind::payment_received);
  const auto text = [&](const char* owed, const char* balance) {
    context.owed.reset();
    context.balance.reset();
    if (*owed != 0) context.owed = Amount::parse(owed).value();
    if (*balance != 0) context.balance = Amount::parse(balance).value();
    return text_of(context);
  };
  const std::string begin = "We received your payment of CNY 300.00 for account 138001380001 on Mar 31, 22:30.";
  EXPECT_EQ(text("12.5", "-12.5"), begin + " You still owe CNY 12.50. Thank you.");
  EXPECT_EQ(text("", "0"), begin + " Your balance is CNY 0.00. Thank you.");
  EXPECT_EQ(text("", "7"), begin + " Your balance is CNY 7.00. Thank you.");
  EXPECT_EQ(text("", ""), begin + " Thank you.");
}

TEST(FieldCases, D1_OnlyADebtIsSpokenOfAsOne) {
  for (const std::string lang : {"zh-CN", "en"}) {
    MessageContext context = sample_in(lang, NoticeKind::suspended);
    EXPECT_THAT(text_of(context), HasSubstr(lang == "en" ? "as CNY 1,286.50 is unpaid" : "因欠费1,286.50元"));
    for (const SuspensionReason reason :
         {SuspensionReason::fraud, SuspensionReason::own_wish, SuspensionReason::other}) {
      context.reason = reason;
      for (const char* const word : {"1,286.50", "欠费", "缴", "unpaid", "overdue", "pay"})
        EXPECT_THAT(text_of(context), Not(HasSubstr(word)));
      EXPECT_THAT(text_of(context),
                  AnyOf(HasSubstr("suspended on Mar 31, 22:30"), HasSubstr("于3月31日 22:30暂停服务")));
    }
    context.owed.reset();
    context.reason = SuspensionReason::debt;
    EXPECT_THAT(text_of(context), HasSubstr(lang == "en" ? "as payment is overdue" : "因欠费，"));

    // A warning of another suspension asks nobody to pay either.
    MessageContext warning = sample_in(lang, NoticeKind::suspension_warning);
    warning.reason = SuspensionReason::own_wish;
    for (const char* const word : {"1,286.50", "欠费", "缴", "unless", "aid", "pay"})
      EXPECT_THAT(text_of(warning), Not(HasSubstr(word)));
  }
}

TEST(FieldCases, D3_NothingThreatensWithWhatHasHappenedOrIsNotPlanned) {
  const std::vector<const char*> threats = {"avoid suspension", "will be suspended", "以免", "否则", "将于"};
  for (const std::string lang : {"zh-CN", "en"}) {
    for (const int step : {1, 2, 3}) {
      MessageContext context = sample_in(lang, NoticeKind::dunning, step);
      context.state = CreditState::suspended;
      for (const char* const threat : threats) EXPECT_THAT(text_of(context), Not(HasSubstr(threat)));
      EXPECT_THAT(text_of(context), HasSubstr(lang == "en" ? "stays stopped until you pay" : "服务暂停中，缴清后恢复"));
      EXPECT_THAT(text_of(context), Not(HasSubstr("keep your service running")));

      context.state = CreditState::arrears;
      context.suspend_at.reset();
      for (const char* const threat : threats)
        EXPECT_THAT(text_of(context), Not(HasSubstr(threat))) << "none is planned";
      if (step == 1) continue;
      context.state = CreditState::suspension_due;
      const auto may_threaten =
          AnyOf(HasSubstr(threats[0]), HasSubstr(threats[1]), HasSubstr(threats[2]), HasSubstr(threats[3]));
      EXPECT_THAT(text_of(context), may_threaten);
      context = sample_in(lang, NoticeKind::dunning, step);
      EXPECT_THAT(text_of(context), AllOf(may_threaten, HasSubstr(lang == "en" ? "Apr 4, 11:00" : "4月4日 11:00")));
    }
  }
}

TEST(FieldCases, D4_AnAmountOfAnotherTimeSaysOfWhich) {
  for (const NoticeKind kind : {NoticeKind::suspended, NoticeKind::payment_received, NoticeKind::manager_task,
                                NoticeKind::manager_update, NoticeKind::escalation}) {
    for (const std::string lang : {"zh-CN", "en"}) {
      MessageContext context = sample_in(lang, kind);
      EXPECT_THAT(text_of(context), Not(HasSubstr(lang == "en" ? "Mar 29, 08:15" : "3月29日 08:15")));
      context.as_of = parse_rfc3339("2026-03-29T08:15:00+08:00").value();
      EXPECT_THAT(text_of(context), HasSubstr(lang == "en" ? "(as of Mar 29, 08:15" : "（截至3月29日 08:15"));
      EXPECT_THAT(text_of(context), HasSubstr(lang == "en" ? "Mar 31, 22:30" : "3月31日 22:30"));
    }
  }
}

TEST(FieldCases, D5_APaymentAndADebtInTwoCurrenciesAreBothSaidAsTheyAre) {
  MessageContext context = sample_in("en", NoticeKind::payment_received);
  context.amount_currency = "EUR";
  context.amount = Amount::parse("10").value();
  context.owed = Amount::parse("100").value();
  EXPECT_THAT(text_of(context), AllOf(HasSubstr("payment of \u20ac10.00"), HasSubstr("You still owe CNY 100.00")));
  context.lang = "zh-CN";
  EXPECT_THAT(text_of(context), AllOf(HasSubstr("缴费10.00欧元已于"), HasSubstr("尚欠100.00元")));
  context.amount_currency = "JPY";
  EXPECT_THAT(text_of(context), AllOf(HasSubstr("缴费10日元已于"), HasSubstr("尚欠100.00元")));
}

TEST(FieldCases, D22_NoTextClaimsReminderThatMayNotHaveBeen) {
  for (const std::string lang : {"zh-CN", "en"}) {
    for_every_message(lang, [](const MessageContext& context) {
      for (const char* const claim : {"several", "Second", "again", "多次", "再次", "第二"})
        EXPECT_THAT(text_of(context), Not(HasSubstr(claim)));
    });
  }
}

TEST(FieldCases, D27_WhatLiesBeyondACreditLimitIsSaidAsSuch) {
  for (const std::string lang : {"zh-CN", "en"}) {
    for (const NoticeKind kind :
         {NoticeKind::dunning, NoticeKind::suspension_warning, NoticeKind::suspended, NoticeKind::payment_received,
          NoticeKind::manager_task, NoticeKind::manager_update, NoticeKind::escalation}) {
      for (const int step : {1, 2, 3}) {
        MessageContext context = sample_in(lang, kind, step);
        context.balance = Amount::parse("-120").value();
        context.credit_limit = Amount::parse("100").value();
        context.owed = Amount::parse("20").value();
        EXPECT_THAT(text_of(context), AllOf(HasSubstr("20.00"), Not(HasSubstr("120.00"))));
        EXPECT_THAT(text_of(context), HasSubstr(lang == "en" ? "over " : "超出信用额度"));
        EXPECT_THAT(text_of(context), Not(HasSubstr("欠费20")));
      }
    }
    MessageContext within = sample_in(lang, NoticeKind::payment_received);
    within.owed.reset();
    within.balance = Amount::parse("-80").value();
    EXPECT_THAT(text_of(within), AllOf(Not(HasSubstr("owe")), Not(HasSubstr("欠")))) << "it is within the limit";
  }
}

TEST(FieldCases, Texts_TakeOneOrTwoSegmentsWithEverythingThatABrandAdds) {
  config::Mistakes mistakes;
  CatalogueOptions options{.parts_max = 3};  // with everything that never comes together
  options.languages = config::load_messages(DUN_SOURCE_DIR "/config/messages", mistakes);
  for (LanguageSource& language : options.languages) {
    const bool chinese = language.lang == "zh-CN";
    language.senders = {{.key = "name", .text = chinese ? "某某通信" : "Acme Mobile"},
                        {.key = "pay", .text = chinese ? "acme.cn/pay" : "acme.example/pay"},
                        {.key = "call", .text = chinese ? "10000" : "0800 123456"}};
  }
  const auto compiled = Catalogue::compile(options);
  ASSERT_TRUE(compiled) << compiled.error().front().message;
  for (const std::string lang : {"zh-CN", "en", "en-GB"}) {
    for_every_message(lang == "en-GB" ? "en" : lang, [&](MessageContext context) {
      context.lang = lang;
      for (const char* const day :
           {"2026-03-09T22:30:00+08:00", "2026-10-20T22:30:00+08:00", "2026-12-31T22:30:00+08:00"}) {
        set_every_instant(context, parse_rfc3339(day).value());
        for (const CreditState state : {CreditState::arrears, CreditState::suspension_due, CreditState::suspended}) {
          context.state = state;
          const auto rendered = compiled->render(context).value();
          EXPECT_LE(rendered.parts, 2) << rendered.text;
          EXPECT_THAT(rendered.text, testing::StartsWith(lang == "zh-CN" ? "【某某通信】" : "Acme Mobile: "));
        }
      }
    });
  }
  MessageContext context = sample_in("en", NoticeKind::dunning, 1);
  EXPECT_THAT(compiled->render(context)->text, testing::EndsWith(" Pay: acme.example/pay Help: 0800 123456"));
  context.lang = "zh-CN";
  EXPECT_THAT(compiled->render(context)->text, testing::EndsWith("。缴费：acme.cn/pay 客服：10000"));
}

TEST(FieldCases, Texts_TheFirstReminderIsOneSegment) {
  for (const std::string lang : {"zh-CN", "en", "en-GB"})
    EXPECT_EQ(shipped().render(sample_in(lang, NoticeKind::dunning, 1))->parts, 1) << lang;
}

TEST(FieldCases, Texts_ReadersOfARegionGetItsDates) {
  EXPECT_THAT(text_of(sample_in("en", NoticeKind::resumed)), HasSubstr("Mar 31, 22:30"));
  EXPECT_THAT(text_of(sample_in("en-US", NoticeKind::resumed)), HasSubstr("Mar 31, 22:30"));
  for (const std::string lang : {"en-GB", "en-AU", "en-IE", "en-IN", "en-NZ", "en-ZA"})
    EXPECT_THAT(text_of(sample_in(lang, NoticeKind::resumed)), HasSubstr("31 Mar")) << lang;
  MessageContext pounds = sample_in("en-GB", NoticeKind::dunning, 1);
  pounds.currency = "GBP";
  EXPECT_THAT(text_of(pounds), HasSubstr("\u00a31,286.50"));
  pounds.currency = "EUR";
  EXPECT_THAT(text_of(pounds), HasSubstr("\u20ac1,286.50"));
}

}  // namespace
}  // namespace dun::messages
