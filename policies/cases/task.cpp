#include "policies/cases/task.hpp"

#include "policies/desk.hpp"
#include "policies/notice_inputs.hpp"
#include "policies/notices/message_context.hpp"
#include "policies/notices/notices.hpp"
#include "policies/notices/settle.hpp"
#include "policies/receiver.hpp"

#include <algorithm>

namespace dun::policies::cases {
namespace {

// A receipt of a message to a manager that comes later than this changes nothing for anybody.
constexpr date::days receipts_awaited{7};

TaskId task_id(const AccountId& account, const Task& task) {
  IdBuilder builder;
  builder.add(account.str()).add(static_cast<std::int64_t>(task.episode)).add("task").add(task.ordinal);
  return TaskId(account.str() + id_mark + "t" + base32(builder.hash()));
}

class TaskDesk final : public Desk {
 public:
  TaskDesk(TaskCase& record_, const PolicySet& policies_, Instant now_)
      : Desk(record_.account, record_, policies_, now_), record(record_) {}
  TaskCase& record;

  void operator()(const Letter& letter) {
    follow_the_clock(*this);
    cause = letter.cause;
    if (record.facts != letter.facts) {
      record.facts = letter.facts;
      effects.record_changed = true;
    }
    if (std::holds_alternative<Remark>(letter.what)) return;
    effects.record_changed = true;
    if (const auto* told = std::get_if<TellManager>(&letter.what)) return tell(*told);
    close(std::get<CloseTask>(letter.what).reason);
  }
  void operator()(const ReceiptCame& came) {
    follow_the_clock(*this);
    effects.taken = take_receipt(*this, *came.receipt);
  }
  void operator()(const TakenOver& before) {
    follow_the_clock(*this);
    effects.record_changed = true;
    record.facts = before.record.facts;
    record.ordinals = std::max(record.ordinals, before.record.ordinals);
    if (!record.task) record.task = before.record.task;
    for (const PendingNotice& notice : before.record.pending) {
      PendingNotice& mine = record.pending.emplace_back(notice);
      // Its place names the account; in flight it has none.
      if (mine.in_flight) continue;
      if (is_held(mine)) shelve(*this, mine, due_at(mine));
      if (std::holds_alternative<ToBeAsked>(mine.state)) shelve_question(*this, mine, due_at(mine));
    }
  }
  void operator()(const Woken&) {
    follow_the_clock(*this);
    effects.record_changed = true;
  }
  void operator()(const auto& input) { on_input(*this, input); }

  void follow_up() {
    end_doubts(*this);
    end_void();
    follow_position();
    bring_forward(*this);
  }

  [[nodiscard]] Receiver receiver_of(NoticeKind /*kind*/) const override {
    return manager(policies, record.task ? record.task->manager : std::string());
  }
  [[nodiscard]] std::string_view suppressed_by(NoticeKind /*kind*/) const override { return {}; }
  [[nodiscard]] std::optional<Capped> find_cap(const PendingNotice& /*notice*/, Instant /*at*/) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::string void_by(const PendingNotice& notice) const override {
    return record.task && record.task->ordinal == notice.task ? "" : "task.closed";
  }
  [[nodiscard]] MessageContext message_context(const PendingNotice& notice, const Receiver& receiver) const override {
    const AccountFacts& facts = record.facts;
    MessageContext context = policies::message_context(
        *this, notice, receiver,
        {.credit = facts.credit, .service = facts.service, .brand = facts.brand, .credit_level = facts.credit_level});
    context.customer_msisdn = facts.msisdn;
    if (record.task) context.task = task_id(account, *record.task);
    context.manager_name = receiver.name;
    return context;
  }
  void follow_position() override {
    const AccountFacts& facts = record.facts;
    effects.record_changed |= policies::follow_position(record, facts.credit, facts.episode, facts.caused_at);
  }
  void count_told(NoticeKind /*kind*/, Instant /*at*/) override {}
  void uncount(const PendingNotice& /*notice*/) override {}
  void ended_untold(const PendingNotice& notice) override { effects.untold.push_back(notice); }

 private:
  void tell(const TellManager& told) {
    std::vector<std::string> reasons = told.reasons;
    const bool opens = !record.task || record.task->ordinal != told.task;
    if (opens) {
      const Person* person = find_person(policies, record.facts.manager);
      record.task = Task{.ordinal = told.task,
                         .in_place_of = told.kind,
                         .manager = person != nullptr ? person->id : std::string(),
                         .opened_at = now,
                         .episode = record.facts.episode,
                         .cause = record.facts.cause};
      if (person == nullptr) reasons.emplace_back("people.no_manager");
      put_out_task(OutcomeType::task_opened, reasons);
    }
    record.task->in_place_of = told.kind;
    record.ordinals = std::max(record.ordinals, told.notice - 1);
    const NoticeKind kind = opens ? NoticeKind::manager_task : NoticeKind::manager_update;
    // A task has one message that opens it, and updates that tell different things.
    issue(*this, {.kind = kind,
                  .step = opens ? 0 : told.step,
                  .repeat = static_cast<int>(opens ? told.task : told.notice),
                  .cause = record.facts.cause,
                  .event_time = told_time(record.facts.credit, kind, record.facts.caused_at),
                  .episode = record.facts.episode,
                  .task = told.task,
                  .reasons = std::move(reasons)});
  }

  void close(const std::string& reason) {
    if (!record.task) return;
    put_out_task(OutcomeType::task_closed, {reason});
    record.task.reset();
  }

  void put_out_task(OutcomeType type, std::vector<std::string> reasons) {
    const Task& task = *record.task;
    Outcome& outcome = put_out(type);
    outcome.task = task_id(account, task);
    outcome.kind = task.in_place_of;
    outcome.manager = task.manager;
    if (cause.empty() || type != OutcomeType::task_closed) outcome.cause = task.cause;
    outcome.reasons = std::move(reasons);
  }

  void end_void() {
    std::vector<std::uint32_t> ended;
    for (const PendingNotice& notice : record.pending)
      if (!notice.in_flight && !is_in_doubt(notice) && !void_by(notice).empty()) ended.push_back(notice.ordinal);
    for (const std::uint32_t ordinal : ended) end_notice(*this, ordinal, OutcomeType::notice_cancelled, "task.closed");
  }
};

std::optional<Instant> last_receipt(const TaskCase& record) {
  std::optional<Instant> last;
  for (const SentNotice& sent : record.sent) last = std::max(last.value_or(sent.sent_at), sent.sent_at);
  return last ? std::optional(*last + receipts_awaited) : std::nullopt;
}

}  // namespace

Effects step(TaskCase& record, const TaskInput& input, const PolicySet& policies, Instant now) {
  TaskDesk desk(record, policies, now);
  std::visit(desk, input);
  if (std::holds_alternative<Reviewed>(input) || desk.effects.record_changed) desk.follow_up();
  return std::move(desk.effects);
}

std::optional<Instant> next_wake(const TaskCase& record) {
  if (!record.task && record.pending.empty()) return last_receipt(record);
  std::optional<Instant> first;
  for (const PendingNotice& notice : record.pending)
    if (const auto* doubt = std::get_if<AwaitingReceipt>(&notice.state); doubt != nullptr && !notice.in_flight)
      first = std::min(first.value_or(doubt->until), doubt->until);
  return first;
}

bool is_over(const TaskCase& record, Instant now) {
  if (record.task || !record.pending.empty()) return false;
  const auto last = last_receipt(record);
  return !last || *last <= now;
}

TaskCase taken_over(const AccountId& account, AccountRecord& record, const PolicySet& policies) {
  TaskCase taken;
  taken.account = account;
  taken.facts = facts_of(record);
  const auto of_task = [](const PendingNotice& notice) { return to_manager(notice.kind); };
  std::ranges::copy_if(record.pending, std::back_inserter(taken.pending), of_task);
  std::erase_if(record.pending, of_task);
  taken.ordinals = record.ordinals;
  if (record.task) {
    const Person* person = find_person(policies, record.profile.manager);
    taken.task = Task{.ordinal = record.task->task,
                      .in_place_of = record.task->in_place_of,
                      .manager = person != nullptr ? person->id : std::string(),
                      .opened_at = record.task->at,
                      .episode = record.episode.key,
                      .cause = record.task->cause};
  }
  return taken;
}

}  // namespace dun::policies::cases
