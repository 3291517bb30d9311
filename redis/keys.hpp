// The names of all keys. docs/data_model.md describes what each one holds.
#pragma once

#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/timer.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace dun::redis {

/// Keys of one partition. They share the hash tag `{P}`, so that Redis Cluster keeps them in one slot.
class PartitionKeys {
 public:
  PartitionKeys(std::string_view prefix, int partition);

  [[nodiscard]] std::string events() const { return base_ + "events"; }
  [[nodiscard]] std::string lease() const { return base_ + "lease"; }
  [[nodiscard]] std::string meta() const { return base_ + "meta"; }
  [[nodiscard]] std::string due() const { return base_ + "due"; }
  [[nodiscard]] std::string in_flight() const { return base_ + "inflight"; }
  [[nodiscard]] std::string cases() const { return base_ + "cases"; }
  [[nodiscard]] std::string posts() const { return base_ + "posts"; }
  [[nodiscard]] std::string journal() const { return base_ + "journal"; }
  [[nodiscard]] std::string outcomes() const { return base_ + "outcomes"; }
  [[nodiscard]] std::string rejected() const { return base_ + "rejected"; }
  [[nodiscard]] std::string unreadable() const { return base_ + "unreadable"; }
  /// How much of the front door has been copied here; in a cluster only.
  [[nodiscard]] std::string door() const { return base_ + "door"; }
  [[nodiscard]] std::string bucket(std::uint32_t number) const;
  [[nodiscard]] std::string lane(const scheduler::ShelfKey& shelf) const;
  [[nodiscard]] std::string timers(scheduler::TimerMinute minute) const;

 private:
  std::string base_;
};

/// All keys under one prefix.
class Keyspace {
 public:
  explicit Keyspace(std::string prefix = "dun") : prefix_(std::move(prefix)) {}

  [[nodiscard]] PartitionKeys partition(int number) const { return {prefix_, number}; }
  /// The stream that any producer may use.
  [[nodiscard]] std::string front_door() const { return prefix_ + ":events"; }
  /// Facts about the installation: see installation.hpp.
  [[nodiscard]] std::string installation() const { return prefix_ + ":meta"; }
  // In the slot of the front door, whose name can have no tag of its own: where it has been copied to and what it holds
  // are read together, and go back together when a failover loses the last writes.
  [[nodiscard]] std::string router_lease() const { return beside_door("lease"); }
  [[nodiscard]] std::string router_meta() const { return beside_door("meta"); }
  /// What is taken of a gateway's rate: see rate_counter.hpp.
  [[nodiscard]] std::string rate(std::string_view gateway) const { return prefix_ + ":rate:" + std::string(gateway); }
  /// Running processes: see processes.hpp.
  [[nodiscard]] std::string processes() const { return prefix_ + ":{processes}"; }
  [[nodiscard]] std::string process(std::string_view owner) const { return processes() + ":" + std::string(owner); }

 private:
  [[nodiscard]] std::string beside_door(std::string_view name) const;

  std::string prefix_;
};

/// The bucket that holds an account's record. The same in every version: records are found by it.
[[nodiscard]] std::uint32_t bucket_of(const AccountId& account, std::uint32_t buckets);

/// Members of the `due` set: `LANE:SECOND` of a shelf and `timers:MINUTE`.
[[nodiscard]] std::string due_member(const scheduler::ShelfKey& shelf);
[[nodiscard]] std::string due_member(scheduler::TimerMinute minute);
struct DueMember {
  std::optional<scheduler::ShelfKey> shelf;  ///< none: a timer minute
  scheduler::TimerMinute minute{};
};
[[nodiscard]] std::optional<DueMember> parse_due_member(std::string_view text);

}  // namespace dun::redis
