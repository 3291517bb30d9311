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
        Row{"zh-CN", "early_reminder", 0, 2,
            "【Acme】尊敬的客户：截至3月31日 22:30，您的账户138001380001余额为¥18.40，已偏低，预计4月3日 10:30用尽。请及时充值，以免影响使用。"},
        Row{"zh-CN", "dunning", 1, 2,
            "【Acme】尊敬的客户：截至3月31日 22:30，您的账户138001380001已欠费¥1,286.50，缴费期限为3月29日。请及时缴费，以免影响使用。如已缴费，请忽略本短信。"},
        Row{"zh-CN", "dunning", 2, 2,
            "【Acme】尊敬的客户：再次提醒您，截至3月31日 22:30，您的账户138001380001仍欠费¥1,286.50。请尽快缴清，以免服务被暂停。如对账单有疑问，请联系客服；如已缴费，请忽略本短信。"},
        Row{"zh-CN", "dunning", 3, 2,
            "【Acme】尊敬的客户：经多次提醒，截至3月31日 22:30，您的账户138001380001仍欠费¥1,286.50。请立即缴清，否则我们将依照服务协议于4月4日 11:00暂停服务。如有困难或疑问，请联系客服；如已缴费，请忽略本短信。"},
        Row{"zh-CN", "suspension_warning", 0, 2,
            "【Acme】停机提醒：截至3月31日 22:30，您的账户138001380001欠费¥1,286.50。如未在4月4日 11:00前缴清，服务将于该时间暂停。如已缴费，请忽略本短信。"},
        Row{"zh-CN", "suspended", 0, 1,
            "【Acme】尊敬的客户：您的账户138001380001因欠费¥1,286.50，已于3月31日 22:30暂停服务。缴清后将自动恢复。"},
        Row{"zh-CN", "resumed", 0, 1,
            "【Acme】尊敬的客户：您的账户138001380001已于3月31日 22:30恢复服务，可正常使用。感谢您的支持。"},
        Row{"zh-CN", "payment_received", 0, 1,
            "【Acme】尊敬的客户：账户138001380001的缴费¥300.00已于3月31日 22:30到账，尚欠¥1,286.50。感谢支持。"},
        Row{"zh-CN", "refund", 0, 1,
            "【Acme】尊敬的客户：您的账户138001380001的退款¥300.00已于3月31日 22:30入账。"},
        Row{"zh-CN", "charge", 0, 2,
            "【Acme】扣费提醒：您的账户138001380001订购的“Mobile 50 GB”将于4月2日 10:30扣费¥300.00（信息时间：3月31日 22:30）。如不再需要，请在扣费前退订。"},
        Row{"zh-CN", "manager_task", 0, 2,
            "【Acme】客户任务：账户138001380001，电话+8613800138000，截至3月31日 22:30欠费¥1,286.50，将于4月4日 11:00停机。请Li Wei尽快联系客户并确认任务138001380001~t7k2m9x0c1b8n3qrt。"},
        Row{"zh-CN", "manager_update", 0, 2,
            "【Acme】任务更新：账户138001380001，电话+8613800138000，3月31日 22:30即将停机，欠费¥1,286.50，停机时间4月4日 11:00，任务138001380001~t7k2m9x0c1b8n3qrt。"},
        Row{"zh-CN", "escalation", 0, 2,
            "【Acme】任务升级：账户138001380001，电话+8613800138000，截至3月31日 22:30欠费¥1,286.50，4月4日 11:00停机。客户经理Li Wei的任务138001380001~t7k2m9x0c1b8n3qrt未按时处理，请跟进。"},
        Row{"zh-CN", "ops_alert", 0, 1,
            "【Acme】系统告警：3月31日 22:30发现异常，涉及账户138001380001。请登录控制台查看并处理。"},
        Row{"en", "early_reminder", 0, 1,
            "Acme: As of Mar 31, 22:30 the balance of your account 138001380001 is low (CNY 18.40). It is expected to last until Apr 3, 10:30. Please top up in time."},
        Row{"en", "dunning", 1, 2,
            "Acme: As of Mar 31, 22:30 your account 138001380001 is in arrears by CNY 1,286.50, due on Mar 29. Please pay to keep your service running. If you have paid, please ignore this message."},
        Row{"en", "dunning", 2, 2,
            "Acme: Second reminder: as of Mar 31, 22:30 your account 138001380001 is still in arrears by CNY 1,286.50. Please pay soon to avoid suspension of your service. If you dispute the bill, please contact us. If you have paid, please ignore this message."},
        Row{"en", "dunning", 3, 2,
            "Acme: Final reminder: as of Mar 31, 22:30 your account 138001380001 is still in arrears by CNY 1,286.50. Please pay now, or your service will be suspended on Apr 4, 11:00 under the terms of service. If you cannot pay or dispute the bill, please contact us. If you have paid, please ignore this message."},
        Row{"en", "suspension_warning", 0, 2,
            "Acme: Suspension notice: as of Mar 31, 22:30 your account 138001380001 is in arrears by CNY 1,286.50. Your service will be suspended on Apr 4, 11:00 unless you pay before then. If you have paid, please ignore this message."},
        Row{"en", "suspended", 0, 1,
            "Acme: The service of your account 138001380001 was suspended on Mar 31, 22:30 because of arrears of CNY 1,286.50. It will be restored once the arrears are paid."},
        Row{"en", "resumed", 0, 1,
            "Acme: The service of your account 138001380001 was restored on Mar 31, 22:30. Thank you."},
        Row{"en", "payment_received", 0, 1,
            "Acme: We received your payment of CNY 300.00 for account 138001380001 on Mar 31, 22:30. You still owe CNY 1,286.50. Thank you."},
        Row{"en", "refund", 0, 1,
            "Acme: A refund of CNY 300.00 was credited to your account 138001380001 on Mar 31, 22:30."},
        Row{"en", "charge", 0, 2,
            "Acme: Your account 138001380001 will be charged CNY 300.00 for Mobile 50 GB on Apr 2, 10:30 (as of Mar 31, 22:30). If you no longer need it, please cancel before then."},
        Row{"en", "manager_task", 0, 2,
            "Acme: Task 138001380001~t7k2m9x0c1b8n3qrt for Li Wei: account 138001380001 (tel. +8613800138000), credit level 7, is in arrears by CNY 1,286.50 as of Mar 31, 22:30. Suspension is on Apr 4, 11:00. Please call the customer and acknowledge the task."},
        Row{"en", "manager_update", 0, 2,
            "Acme: Update on task 138001380001~t7k2m9x0c1b8n3qrt: account 138001380001 (tel. +8613800138000) is about to be suspended, owes CNY 1,286.50, suspension on Apr 4, 11:00 (as of Mar 31, 22:30)."},
        Row{"en", "escalation", 0, 2,
            "Acme: Escalation: task 138001380001~t7k2m9x0c1b8n3qrt of Li Wei was not dealt with in time. Account 138001380001 (tel. +8613800138000), credit level 7, is in arrears by CNY 1,286.50 as of Mar 31, 22:30, suspension on Apr 4, 11:00. Please follow up."},
        Row{"en", "ops_alert", 0, 1,
            "Acme: System alert: a fault was found on Mar 31, 22:30, account 138001380001. Please look at the console."}));
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
  for (const auto& [lang, remark] : {std::pair{"zh-CN", "（本短信因免打扰时段等原因延迟发送）"},
                                     std::pair{"en", " (This message was held back and sent later.)"}}) {
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
        context.currency = currency;
        context.balance = Amount::parse("-123456789.01").value();
        context.amount = Amount::parse("98765.5").value();
        const auto rendered = shipped().render(context);
        ASSERT_TRUE(rendered) << rendered.error();
        EXPECT_EQ(rendered->encoding, lang == "en" ? Encoding::gsm7 : Encoding::ucs2) << rendered->text;
        EXPECT_LE(rendered->parts, 4);
      }
    });
  }
}

TEST(ShippedTexts, in_english_are_gsm7_and_in_chinese_begin_with_the_signature) {
  for_every_message("en", [&](const MessageContext& context) {
    const auto rendered = shipped().render(context);
    EXPECT_EQ(rendered->encoding, Encoding::gsm7) << first_outside_gsm7(rendered->text) << " in " << rendered->text;
  });
  for_every_message("zh-CN", [&](const MessageContext& context) {
    const auto rendered = shipped().render(context);
    EXPECT_TRUE(rendered->text.starts_with(context.brand.empty() ? "【客户服务】" : "【Acme】")) << rendered->text;
  });
}

TEST(ShippedTexts, leave_no_traces_of_what_is_missing) {
  for (const std::string lang : {"zh-CN", "en"}) {
    for_every_message(lang, [](const MessageContext& context) {
      const std::string text = shipped().render(context)->text;
      for (const char* const trace :
           {"{", "}", "none", "other", "  ", " .", " ,", "，，", "，。", "1970", "()", "（）", "“”"})
        EXPECT_THAT(text, Not(HasSubstr(trace))) << text;
    });
  }
}

TEST(ShippedTexts, tell_a_customer_what_is_owed_as_a_positive_amount) {
  for (const NoticeKind kind : {NoticeKind::dunning, NoticeKind::suspension_warning, NoticeKind::suspended}) {
    MessageContext context = sample_context(kind, 1, false);
    context.balance = Amount::parse("-42.10").value();
    EXPECT_THAT(shipped().render(context)->text, AllOf(HasSubstr("欠费¥42.10"), Not(HasSubstr("-"))));
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

TEST(ShippedTexts, receipt_of_a_payment_says_what_is_left) {
  MessageContext context = sample_context(NoticeKind::payment_received, 0, false);
  context.lang = "en";
  context.brand.clear();
  const auto text = [&](const char* balance) {
    context.balance = Amount::parse(balance).value();
    return shipped().render(context)->text;
  };
  const std::string begin =
      "Customer service: We received your payment of CNY 300.00 for account 138001380001 on Mar 31, 22:30.";
  EXPECT_EQ(text("-12.5"), begin + " You still owe CNY 12.50. Thank you.");
  EXPECT_EQ(text("0"), begin + " Your balance is CNY 0.00. Thank you.");
  EXPECT_EQ(text("7"), begin + " Your balance is CNY 7.00. Thank you.");
  context.balance.reset();
  EXPECT_EQ(shipped().render(context)->text, begin + " Thank you.");
}

}  // namespace
}  // namespace dun::messages
