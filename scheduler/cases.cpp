#include "scheduler/cases.hpp"

#include "policies/cases/alert.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

void forget(std::vector<Post>& posts, const EventId& id) {
  std::erase_if(posts, [&](const Post& post) { return post.id == id; });
}

}  // namespace

void Cases::recover(std::vector<Recovery::Case> cases, std::vector<Post> posts) {
  cases_.clear();
  changed_.clear();
  brought_.clear();
  for (Recovery::Case& each : cases) cases_.insert_or_assign(std::move(each.id), std::move(each.value));
  to_bring_ = std::move(posts);
  // A commit that was not heard of may have been applied all the same.
  for (const Post& post : to_bring_) forget(to_commit_, post.id);
}

void Cases::report(const CaseEvent& event, Instant now, Commit& commit) {
  auto effects = policies::cases::report(cases_[event.about], event, now);
  std::ranges::move(effects.outcomes, std::back_inserter(commit.journal));
  if (effects.changed) changed_.insert(event.about);
}

void Cases::wake(Instant now, Commit& commit) {
  for (auto& [id, record] : cases_) {
    auto effects = policies::cases::wake(record, now);
    std::ranges::move(effects.outcomes, std::back_inserter(commit.journal));
    if (effects.changed) changed_.insert(id);
  }
}

void Cases::finish(Commit& commit) {
  for (const CaseId& id : std::exchange(changed_, {})) {
    const auto at = cases_.find(id);
    const bool over = at->second.witnesses.empty();
    commit.cases.push_back({.id = id, .value = over ? std::nullopt : std::optional(at->second)});
    if (over) cases_.erase(at);
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
  std::optional<Instant> first;
  for (const auto& [id, record] : cases_)
    if (const auto at = policies::cases::next_wake(record)) first = std::min(first.value_or(*at), *at);
  return first;
}

}  // namespace dun::scheduler
