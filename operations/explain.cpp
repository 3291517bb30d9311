#include "operations/explain.hpp"

#include "base/text/visible.hpp"
#include "policies/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <utility>

namespace dun::operations {
namespace {

using policies::Zone;

struct Phrase {
  std::string_view rule;
  std::string_view words;
};

// Rule ids that mean the same for everybody; those that carry a name or a number are put into words below.
constexpr std::array phrases = {
    Phrase{"account.closed", "the account was closed"},
    Phrase{"caps.day", "not more than one a day"},
    Phrase{"caps.pending", "too many notices of the account wait already"},
    Phrase{"caps.week", "not more than three in seven days"},
    Phrase{"consent.no_opt_in", "the customer has not asked for these"},
    Phrase{"consent.opt_out", "the customer does not want these"},
    Phrase{"contact.no_number", "no phone number is known"},
    Phrase{"credit.clear", "nothing is owed any more"},
    Phrase{"credit.low", "nothing is due any more"},
    Phrase{"credit.nothing_owed", "by the balance nothing is owed"},
    Phrase{"episode.ended", "the arrears it was about are over"},
    Phrase{"exclusions.segment", "accounts of this segment are told nothing"},
    Phrase{"expiry.max_hold", "held too long to be of use"},
    Phrase{"expiry.past", "what it announces is past"},
    Phrase{"gateway.attempts", "every attempt failed"},
    Phrase{"gateway.no_receipt", "no receipt came either"},
    Phrase{"gateway.no_status", "the gateway was asked in vain what became of it"},
    Phrase{"gateway.not_taken", "the gateway says that it did not take it, so it goes again"},
    Phrase{"gateway.receipt_answers", "the delivery receipt was the answer"},
    Phrase{"gateway.recipient_limited", "the gateway limits messages to this number"},
    Phrase{"gateway.rejected", "the gateway refused it"},
    Phrase{"gateway.status_answers", "the gateway says that it took it"},
    Phrase{"gateway.undelivered", "the network could not deliver it"},
    Phrase{"gateway.unknown", "the gateway gave no answer"},
    Phrase{"hold.dispute", "a dispute is open"},
    Phrase{"hold.promise", "payment has been promised"},
    Phrase{"ladder.later_step", "a later step took its place"},
    Phrase{"lead_time.another_date", "the suspension has another date"},
    Phrase{"lead_time.late", "too late for the whole lead time"},
    Phrase{"lead_time.later_warning", "a warning of a later date took its place"},
    Phrase{"lead_time.lead", "a day's notice before suspension"},
    Phrase{"lead_time.margin", "a day's notice, before the night"},
    Phrase{"lead_time.no_date", "no date of suspension is known"},
    Phrase{"lead_time.suspended", "the service has been suspended"},
    Phrase{"lead_time.suspension_cancelled", "the suspension was called off"},
    Phrase{"messages.unrenderable", "no text could be made"},
    Phrase{"payment.reversed", "the payment was taken back"},
    Phrase{"people.no_manager", "nobody is configured to take the task"},
    Phrase{"people.quiet_hours", "outside the hours of who gets it"},
    Phrase{"service.resumed", "the service runs again"},
    Phrase{"service.suspended", "the service is suspended again"},
    Phrase{"suspension.fraud", "suspended for fraud, of which nobody is warned"},
    Phrase{"suspension.other", "suspended for another reason than a debt, of which nobody is warned"},
    Phrase{"task.closed", "its task was closed"},
};

class Teller {
 public:
  explicit Teller(const Story& story) : story_(story), zone_(policies::find_zone(zone_name())) {
    if (zone_ == nullptr) zone_ = policies::find_zone("Etc/UTC");
  }

  std::string tell() {
    heading();
    answer();
    history();
    outlook();
    return std::move(text_);
  }

 private:
  [[nodiscard]] std::string zone_name() const {
    const bool known = story_.record && policies::find_zone(story_.record->profile.zone) != nullptr;
    return known ? story_.record->profile.zone : story_.default_zone;
  }

  [[nodiscard]] std::string when(Instant instant) const {
    const auto local = date::floor<Seconds>(policies::to_local(instant, *zone_));
    return date::format("%F %T", local);
  }

  /// The one way into the text: nothing foreign in it can end the line or pass for something else.
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_ += to_visible(fmt::format(format, std::forward<Args>(args)...));
    text_ += '\n';
  }

  /// What the rules wrote down for machines, in the one form of this text.
  [[nodiscard]] std::string localised(const std::string& detail) const {
    static const std::regex utc(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
    std::string text;
    auto rest = detail.cbegin();
    for (std::sregex_iterator at(detail.begin(), detail.end(), utc), end; at != end; ++at) {
      const auto instant = parse_rfc3339(at->str());
      text.append(rest, (*at)[0].first);
      text += instant ? when(*instant) : at->str();
      rest = (*at)[0].second;
    }
    return text.append(rest, detail.cend());
  }

  static std::string amount(const std::optional<Amount>& value, const std::string& currency) {
    if (!value) return "unknown";
    return value->to_text() + (currency.empty() ? "" : " " + currency);
  }

  void heading() {
    if (!story_.record) {
      line("Account {}: nothing is known{}.", story_.account.str(),
           story_.outcomes.empty() ? "" : "; times in " + zone_->name());
      return;
    }
    const AccountRecord& record = *story_.record;
    const Profile& profile = record.profile;
    line("Account {}  {}  level {}  {}  times in {}", story_.account.str(),
         profile.msisdn.empty() ? "(no phone number)" : profile.msisdn, profile.credit_level,
         profile.lang.empty() ? "default language" : profile.lang, zone_->name());
    line("Now: {}, balance {}{}{}", to_text(record.credit.state), amount(record.credit.balance, record.credit.currency),
         record.credit.suspend_at ? ", suspension planned for " + when(*record.credit.suspend_at) : "",
         record.closed ? ", account closed" : "");
  }

  static bool ends_untold(OutcomeType type) {
    switch (type) {
      case OutcomeType::notice_cancelled:
      case OutcomeType::notice_suppressed:
      case OutcomeType::notice_expired:
      case OutcomeType::notice_unreachable:
      case OutcomeType::notice_failed:
        return true;
      default:
        return false;
    }
  }

  static bool goes_to_staff(NoticeKind kind) { return to_manager(kind) || kind == NoticeKind::ops_alert; }
  static bool concerns_staff(const Outcome& outcome) { return outcome.kind && goes_to_staff(*outcome.kind); }

  /// The last notices to the customer, or to staff, that were sent, perhaps sent, delivered, held and not sent.
  struct Last {
    const Outcome* sent = nullptr;
    const Outcome* perhaps = nullptr;  ///< and nothing was learnt of it since
    const Outcome* delivered = nullptr;
    const Outcome* held = nullptr;  ///< and has not ended since
    const Outcome* untold = nullptr;
    int count = 0;  ///< sent
  };

  [[nodiscard]] Last last(bool staff) const {
    Last found;
    for (const Outcome& outcome : story_.outcomes) {
      if (concerns_staff(outcome) != staff) continue;
      const auto is_about = [&](const Outcome* other) { return other != nullptr && other->notice == outcome.notice; };
      if (outcome.type == OutcomeType::notice_held) found.held = &outcome;
      if (outcome.type == OutcomeType::notice_unknown) found.perhaps = &outcome;
      if (outcome.type == OutcomeType::notice_sent) {
        found.sent = &outcome;
        found.delivered = nullptr;
        if (is_about(found.perhaps)) found.perhaps = nullptr;
        ++found.count;
      }
      if (outcome.type == OutcomeType::notice_delivered && is_about(found.sent)) found.delivered = &outcome;
      if (ends_untold(outcome.type) && !is_about(found.perhaps)) found.untold = &outcome;
      if (outcome.type != OutcomeType::notice_held && is_about(found.held)) found.held = nullptr;
    }
    return found;
  }

  /// Of the rules, those that make it wait; all where none does.
  static std::string because(const std::vector<std::string>& rules) {
    static constexpr std::array waits = {"quiet_hours.", "caps.", "hold.", "gateway."};
    std::string holding;
    std::string all;
    for (const std::string& rule : rules) {
      const bool holds = std::ranges::any_of(waits, [&](const char* prefix) { return rule.starts_with(prefix); });
      if (holds) holding += (holding.empty() ? "" : "; ") + rule_in_words(rule);
      all += (all.empty() ? "" : "; ") + rule_in_words(rule);
    }
    const std::string& words = holding.empty() ? all : holding;
    return words.empty() ? "" : ", because: " + words;
  }

  /// What waits to be told: a sentence for each notice.
  [[nodiscard]] std::vector<std::string> waiting(const Last& found, bool staff) const {
    std::vector<std::string> sentences;
    const auto held = [&](const Outcome& notice, Instant until, const std::vector<std::string>& rules) {
      sentences.push_back(fmt::format("{} is held until {}{}.", name(notice), when(until), because(rules)));
    };
    if (!story_.record) {
      if (found.held != nullptr) held(*found.held, found.held->due_at.value_or(found.held->at), found.held->reasons);
      return sentences;
    }
    for (const PendingNotice& notice : story_.record->pending) {
      if (goes_to_staff(notice.kind) != staff || is_in_doubt(notice)) continue;
      const Outcome named{.kind = notice.kind, .step = notice.step};
      if (is_parked(notice))
        sentences.push_back(name(named) + " waits behind an older notice.");
      else if (due_at(notice) > notice.wanted_at)
        held(named, due_at(notice), notice.reasons);
      else
        sentences.push_back(fmt::format("{} is to go at {}.", name(named), when(due_at(notice))));
    }
    return sentences;
  }

  void told(std::string_view who, const Last& found) {
    if (found.sent != nullptr)
      line("{}: yes, {} notice{} sent; the last was {} at {}{}.", who, found.count, found.count == 1 ? "" : "s",
           name(*found.sent), when(sent_at(*found.sent)),
           found.delivered != nullptr ? ", delivered at " + when(found.delivered->at) : "");
    if (found.perhaps != nullptr)
      line("{}: perhaps. {} went to the gateway at {}, and it is not known whether it was taken.", who,
           name(*found.perhaps), when(sent_at(*found.perhaps)));
  }

  /// The verdict is about the customer; what went to the operator's own people stands apart.
  void answer() {
    const Last customer = last(false);
    const Last staff = last(true);
    const bool is_told = customer.sent != nullptr || customer.perhaps != nullptr;
    told("Told", customer);
    auto held = waiting(customer, false);
    if (!is_told && !held.empty()) {
      line("Told: not yet. {}", held.front());
      held.erase(held.begin());
    } else if (!is_told) {
      line("{}", untold(customer, staff));
    }
    for (const std::string& sentence : held) line("To come: {}", sentence);
    refused_events();
    told("Staff", staff);
    for (const std::string& sentence : waiting(staff, true)) line("Staff: {}", sentence);
    if (staff.sent == nullptr && staff.perhaps == nullptr && staff.untold != nullptr)
      line("Staff: no. The last that was decided, {}, was not sent: {}.", name(*staff.untold), why(*staff.untold));
  }

  [[nodiscard]] static bool is_refusal(const Outcome& outcome) {
    return outcome.type == OutcomeType::event_rejected || outcome.type == OutcomeType::event_conflict;
  }

  [[nodiscard]] std::string untold(const Last& customer, const Last& staff) const {
    if (customer.untold != nullptr)
      return fmt::format("Told: no. The last that was decided, {}, was not sent: {}.", name(*customer.untold),
                         why(*customer.untold));
    const bool has_task = std::ranges::any_of(
        story_.outcomes, [](const Outcome& outcome) { return outcome.type == OutcomeType::task_opened; });
    if (has_task || staff.sent != nullptr || staff.held != nullptr || staff.untold != nullptr)
      return "Told: no, a task was opened for the account manager in the customer's place.";
    if (std::ranges::any_of(story_.outcomes, is_refusal)) return "Told: no.";
    return "Told: no, there was nothing to tell yet.";
  }

  /// An event that was not taken may be why nobody was told.
  void refused_events() {
    const Outcome* last = nullptr;
    int count = 0;
    for (const Outcome& outcome : story_.outcomes)
      if (is_refusal(outcome)) {
        last = &outcome;
        ++count;
      }
    if (last == nullptr) return;
    line("{} rejected{}: {}, at {}: {}.", count == 1 ? "An event was" : fmt::format("{} events were", count),
         count == 1 ? "" : ", the last one", last->cause.str(), when(last->at),
         last->type == OutcomeType::event_conflict ? "an event of this id has been applied with other content"
                                                   : fmt::format("field {}: {}", last->field, last->detail));
  }

  static Instant sent_at(const Outcome& outcome) { return outcome.sent_at.value_or(outcome.at); }

  /// When the gateway took it, where its answer came noticeably later.
  [[nodiscard]] std::string handed_over(const Outcome& outcome) const {
    const std::string then = when(sent_at(outcome));
    return then == when(outcome.at) ? "" : ", handed over at " + then;
  }

  static std::string name(const Outcome& outcome) {
    if (!outcome.kind) return "a notice";
    std::string text(to_text(*outcome.kind));
    if (outcome.step > 0) text += " step " + std::to_string(outcome.step);
    return text;
  }

  static std::string why(const Outcome& outcome) {
    std::string text;
    for (const std::string& reason : outcome.reasons) text += (text.empty() ? "" : "; ") + rule_in_words(reason);
    if (!outcome.detail.empty()) text += (text.empty() ? "" : "; ") + outcome.detail;
    return text;
  }

  [[nodiscard]] std::string what(const Outcome& outcome) const {
    const auto because = [&] {
      const std::string reasons = localised(why(outcome));
      return reasons.empty() ? std::string() : " - " + reasons;
    };
    switch (outcome.type) {
      case OutcomeType::event_applied:
        return fmt::format("event {} ({}), of {}: {}", outcome.event_type, outcome.cause.str(),
                           when(outcome.event_time.value_or(outcome.at)), localised(outcome.detail));
      case OutcomeType::event_duplicate:
        return fmt::format("event {} ({}) came again; nothing follows", outcome.event_type, outcome.cause.str());
      case OutcomeType::event_conflict:
        return fmt::format("event {} ({}) came again with other content and was not applied{}", outcome.event_type,
                           outcome.cause.str(), because());
      case OutcomeType::event_superseded:
        return fmt::format("event {} ({}), of {}, is older than what is known; nothing follows", outcome.event_type,
                           outcome.cause.str(), when(outcome.event_time.value_or(outcome.at)));
      case OutcomeType::event_rejected:
        return fmt::format("an event ({}) was rejected: field {}: {}", outcome.cause.str(), outcome.field,
                           outcome.detail);
      case OutcomeType::notice_held:
        return fmt::format("{} held until {}{}", name(outcome), when(outcome.due_at.value_or(outcome.at)), because());
      case OutcomeType::notice_sent:
        return fmt::format("{} sent to {} through {}, attempt {}, {} part{}{}, about the event of {}{}", name(outcome),
                           outcome.to, outcome.gateway, outcome.attempt, outcome.parts, outcome.parts == 1 ? "" : "s",
                           handed_over(outcome), when(outcome.event_time.value_or(outcome.at)), because());
      case OutcomeType::notice_unknown:
        return fmt::format("{} perhaps sent{}, about the event of {}{}", name(outcome), handed_over(outcome),
                           when(outcome.event_time.value_or(outcome.at)), because());
      case OutcomeType::notice_delivered:
        return fmt::format("{} delivered, sent at {}", name(outcome), when(sent_at(outcome)));
      case OutcomeType::alert_raised:
        return "alert: " + outcome.detail;
      case OutcomeType::suspension_at_risk:
        return "billing told that the suspension is nearer than its warning" + because();
      default: {
        const std::string full(to_text(outcome.type));
        const std::string verb = full.substr(full.find('.') + 1);
        if (!outcome.task.empty())
          return fmt::format("task {} {}{}{}", outcome.task.str(), verb,
                             outcome.manager.empty() ? "" : " for " + outcome.manager, because());
        return fmt::format("{} {}{}", name(outcome), verb, because());
      }
    }
  }

  void history() {
    if (story_.outcomes.empty()) return;
    text_ += '\n';
    for (const Outcome& outcome : story_.outcomes) {
      line("{}  {}", when(outcome.at), what(outcome));
      if (outcome.type == OutcomeType::notice_sent) line("{:21}\"{}\"", "", outcome.text);
    }
  }

  void outlook() {
    if (!story_.record) return;
    const AccountRecord& record = *story_.record;
    const auto& task = story_.task;
    if (record.pending.empty() && !record.wake_at && !(task && (task->task || !task->pending.empty()))) return;
    text_ += '\n';
    waiting(record);
    if (task) waiting(*task);
    if (task && task->task)
      line("Task open since {}{}", when(task->task->opened_at),
           task->task->manager.empty() ? "" : " with " + task->task->manager);
    if (record.wake_at) line("{}  looked at again", when(*record.wake_at));
  }

  void waiting(const NoticeBook& book) {
    for (const PendingNotice& notice : book.pending) {
      Outcome named{.kind = notice.kind, .step = notice.step};
      const std::string_view state = is_parked(notice)            ? "waits behind an older notice"
                                     : is_in_doubt(notice)        ? "waits for a receipt until"
                                     : notice.tried.perhaps_taken ? "to be sent again, under the same reference"
                                                                  : "to be sent";
      line("{}  {} {}, decided at {}", when(due_at(notice)), name(named), state, when(notice.decided_at));
    }
  }

  const Story& story_;
  const Zone* zone_;
  std::string text_;
};

}  // namespace

std::string rule_in_words(const std::string& rule) {
  const auto phrase = std::ranges::find(phrases, std::string_view(rule), &Phrase::rule);
  if (phrase != phrases.end()) return std::string(phrase->words);
  const auto rest = [&](std::string_view prefix) -> std::optional<std::string> {
    if (!rule.starts_with(prefix)) return std::nullopt;
    return rule.substr(prefix.size());
  };
  if (const auto window = rest("quiet_hours.")) return "quiet hours (" + *window + ")";
  if (const auto step = rest("ladder.step")) return "step " + *step + " of the ladder";
  if (const auto level = rest("vip.level")) return "level " + *level + ": the account manager calls";
  if (const auto event = rest("follow.")) return "follows " + *event;
  if (const auto state = rest("credit.")) return "the account is " + *state;
  return rule;
}

std::string explain(const Story& story) {
  return Teller(story).tell();
}

}  // namespace dun::operations
