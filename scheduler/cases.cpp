#include "scheduler/cases.hpp"

#include "policies/cases/alert.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

void forget(std::vector<Post>& posts, const EventId& id) {
  std::erase_if(posts, [&](const Post& post) { return post.id == id; });
}

struct NextWake {
  std::optional<Instant> operator()(const AlertCase& alert) const { return policies::cases::next_wake(alert); }
  std::optional<Instant> operator()(const TaskCase& task) const { return policies::cases::next_wake(task); }
};

struct IsOver {
  Instant now;
  bool operator()(const AlertCase& alert) const { return alert.witnesses.empty(); }
  bool operator()(const TaskCase& task) const { return policies::cases::is_over(task, now); }
};

/// What is in flight is the owner's to know, and not written.
CaseRecord stored(CaseRecord record) {
  if (auto* task = std::get_if<TaskCase>(&record))
    for (PendingNotice& notice : task->pending) notice.in_flight = false;
  return record;
}

bool begins(const policies::cases::TaskInput& input) {
  if (std::holds_alternative<policies::cases::TakenOver>(input)) return true;
  const auto* letter = std::get_if<policies::cases::Letter>(&input);
  return letter != nullptr && std::holds_alternative<policies::cases::TellManager>(letter->what);
}

}  // namespace

void Cases::recover(std::vector<Recovery::Case> cases, std::vector<Post> posts) {
  cases_.clear();
  wakes_.clear();
  changed_.clear();
  brought_.clear();
  for (Recovery::Case& each : cases) {
    Standing& standing = cases_[each.id];
    standing.record = std::move(each.value);
    wake_at(each.id, standing, std::visit(NextWake(), standing.record));
  }
  to_bring_ = std::move(posts);
  // A commit that was not heard of may have been applied all the same.
  for (const Post& post : to_bring_) forget(to_commit_, post.id);
}

std::vector<CaseId> Cases::due(Instant now) const {
  std::vector<CaseId> due;
  for (auto next = wakes_.begin(); next != wakes_.end() && next->first <= now; ++next) due.push_back(next->second);
  return due;
}

policies::Effects Cases::report(const CaseEvent& event, Instant now) {
  Standing& standing = cases_[event.about];
  auto* alert = std::get_if<AlertCase>(&standing.record);
  if (alert == nullptr) return {};
  auto effects = policies::cases::report(*alert, event, now);
  if (effects.record_changed)
    changed(event.about, standing);
  else if (alert->witnesses.empty())
    cases_.erase(event.about);  // nobody has seen anything
  return effects;
}

policies::Effects Cases::wake_alert(const CaseId& id, Instant now) {
  Standing& standing = cases_.at(id);
  auto* alert = std::get_if<AlertCase>(&standing.record);
  if (alert == nullptr) return {};
  auto effects = policies::cases::wake(*alert, now);
  if (effects.record_changed) changed(id, standing);
  return effects;
}

TaskCase* Cases::task(const CaseId& id) {
  const auto at = cases_.find(id);
  return at == cases_.end() ? nullptr : std::get_if<TaskCase>(&at->second.record);
}

policies::Effects Cases::step(const CaseId& id, const policies::cases::TaskInput& input,
                              const policies::PolicySet& policies, Instant now) {
  const auto account = account_of_task(id);
  if (!account) return {};
  if (task(id) == nullptr) {
    if (!begins(input)) return {};
    TaskCase made;
    made.account = *account;
    cases_[id].record = std::move(made);
  }
  Standing& standing = cases_.at(id);
  auto effects = policies::cases::step(std::get<TaskCase>(standing.record), input, policies, now);
  if (effects.record_changed) changed(id, standing);
  return effects;
}

void Cases::changed(const CaseId& id, Standing& standing) {
  changed_.insert(id);
  wake_at(id, standing, std::visit(NextWake(), standing.record));
}

void Cases::wake_at(const CaseId& id, Standing& standing, std::optional<Instant> at) {
  if (standing.wakes == at) return;
  if (standing.wakes) wakes_.erase({*standing.wakes, id});
  standing.wakes = at;
  if (at) wakes_.emplace(*at, id);
}

void Cases::finish(Commit& commit, Instant now) {
  for (const CaseId& id : std::exchange(changed_, {})) {
    const auto at = cases_.find(id);
    const bool over = std::visit(IsOver{now}, at->second.record);
    commit.cases.push_back({.id = id, .value = over ? std::nullopt : std::optional(stored(at->second.record))});
    if (!over) continue;
    wake_at(id, at->second, std::nullopt);
    cases_.erase(at);
  }
  commit.posts = to_commit_;
  commit.brought = brought_;
}

void Cases::committed(const Commit& commit) {
  for (const Post& post : commit.posts) {
    forget(to_commit_, post.id);
    to_bring_.push_back(post);
  }
  for (const EventId& id : commit.brought) std::erase(brought_, id);
}

void Cases::brought(const EventId& post) {
  forget(to_bring_, post);
  brought_.push_back(post);
}

bool Cases::has_work(Instant now) const {
  const auto wakes = next_wake();
  return !to_commit_.empty() || !brought_.empty() || (wakes && *wakes <= now);
}

std::optional<Instant> Cases::next_wake() const {
  return wakes_.empty() ? std::nullopt : std::optional(wakes_.begin()->first);
}

}  // namespace dun::scheduler
