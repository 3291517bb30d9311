// What a partition's owner knows of its cases, and of the posts that leave the partition. Pure.
#pragma once

#include "domain/case_event.hpp"
#include "policies/cases/task.hpp"
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

  // ------------------------------------------------------------------------------------------ while a batch is decided

  /// Those that want to be woken by then.
  [[nodiscard]] std::vector<CaseId> due(Instant now) const;

  /// A process reports to an alert, or the word of one runs out. Nothing of a case that is no alert.
  [[nodiscard]] policies::Effects report(const CaseEvent& event, Instant now);
  [[nodiscard]] policies::Effects wake_alert(const CaseId& id, Instant now);

  /// The task of that case, while there is one to be told of or to be waited for.
  [[nodiscard]] TaskCase* task(const CaseId& id);
  /// Steps it. Only a letter that tells of a task, or what a version before has left, makes one where there is none.
  [[nodiscard]] policies::Effects step(const CaseId& id, const policies::cases::TaskInput& input,
                                       const policies::PolicySet& policies, Instant now);

  /// Puts what has changed into the commit, and forgets what is over.
  void finish(Commit& commit, Instant now);
  /// That commit is in the store.
  void committed(const Commit& commit);

  // ------------------------------------------------------------------------------------------------------------- posts

  /// Posts that are in the store and were not brought yet, oldest first.
  [[nodiscard]] const std::vector<Post>& to_bring() const { return to_bring_; }
  /// It was brought; the next commit forgets it.
  void brought(const EventId& post);

  /// Whether there is something to commit now.
  [[nodiscard]] bool has_work(Instant now) const;
  [[nodiscard]] std::optional<Instant> next_wake() const;
  [[nodiscard]] std::size_t size() const { return cases_.size(); }

 private:
  struct Standing {
    CaseRecord record;
    std::optional<Instant> wakes;  ///< as in wakes_
  };
  void changed(const CaseId& id, Standing& standing);
  void wake_at(const CaseId& id, Standing& standing, std::optional<Instant> at);

  std::map<CaseId, Standing> cases_;
  std::set<std::pair<Instant, CaseId>> wakes_;  ///< by when: there may be thousands of tasks
  std::set<CaseId> changed_;
  std::vector<Post> to_commit_, to_bring_;
  std::vector<EventId> brought_;  ///< which the store does not know yet
};

}  // namespace dun::scheduler
