// What a partition's owner knows of its cases, and of the posts that leave the partition. Pure.
#pragma once

#include "domain/case_event.hpp"
#include "scheduler/ports/commit.hpp"
#include "scheduler/ports/look.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace dun::scheduler {

class Cases {
 public:
  /// Begins from what the store holds.
  void recover(std::vector<Recovery::Case> cases, std::vector<Post> posts);

  /// Goes out with the next commit.
  void post(Post post) { to_commit_.push_back(std::move(post)); }
  /// Posts that are not known to be in the store, for another partition to put out.
  [[nodiscard]] std::vector<Post> take_posts() { return std::exchange(to_commit_, {}); }

  /// In a batch: a report comes in, or the word of somebody runs out. What follows is put into the commit.
  void report(const CaseEvent& event, Instant now, Commit& commit);
  void wake(Instant now, Commit& commit);
  void finish(Commit& commit);
  /// That commit is in the store.
  void committed(const Commit& commit);

  /// Posts that are in the store and were not brought yet, oldest first.
  [[nodiscard]] const std::vector<Post>& to_bring() const { return to_bring_; }
  /// It was brought; the next commit forgets it.
  void brought(const EventId& post);

  /// Whether there is something to commit now.
  [[nodiscard]] bool has_work(Instant now) const;
  [[nodiscard]] std::optional<Instant> next_wake() const;
  [[nodiscard]] std::size_t size() const { return cases_.size(); }

 private:
  std::map<CaseId, CaseRecord> cases_;
  std::set<CaseId> changed_;
  std::vector<Post> to_commit_, to_bring_;
  std::vector<EventId> brought_;  ///< which the store does not know yet
};

}  // namespace dun::scheduler
