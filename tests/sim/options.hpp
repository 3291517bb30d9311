// What one run of the simulation is made of: a seed, how much happens, what goes wrong, and what is broken on purpose.
#pragma once

#include "scheduler/options.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dun::test {

/// What may go wrong. Disorder, repeats and malformed entries are told by billing, the others happen to the
/// installation.
enum class Fault : std::uint8_t {
  commits,     ///< the store's answer is lost, before or after the commit was applied; so is the answer to a read
  crashes,     ///< a process dies between any two steps, also just before or after a request leaves
  sleeps,      ///< a process stands still, mostly beyond its leases, and goes on where it was
  leases,      ///< a lease is lost while its owner works
  failovers,   ///< the store loses its last writes and goes back; producers send again what it no longer has
  gateway,     ///< throttles, refuses, is down, answers late, or not at all
  receipts,    ///< delivery receipts come late, twice, never, or for something that never was
  clocks,      ///< the wall clock of a machine is stepped, back or forward
  reloads,     ///< policies are read again, in each process at its own time
  front_door,  ///< entries wait at the front door before they are routed
  disorder,    ///< events come later than they became true
  repeats,     ///< events come again, under their id or another
  malformed,   ///< entries that are no events
  denials,     ///< the gateway calls refused, throttled or down what it has taken
};
inline constexpr std::array<std::string_view, 14> fault_names = {
    "commits", "crashes", "sleeps",     "leases",   "failovers", "gateway",   "receipts",
    "clocks",  "reloads", "front_door", "disorder", "repeats",   "malformed", "denials"};

class Faults {
 public:
  [[nodiscard]] static constexpr Faults all() { return Faults((1U << fault_names.size()) - 1); }
  [[nodiscard]] static constexpr Faults none() { return Faults(0); }
  [[nodiscard]] constexpr bool has(Fault fault) const { return (bits_ >> static_cast<int>(fault) & 1U) != 0; }
  constexpr void add(Fault fault) { bits_ |= 1U << static_cast<int>(fault); }
  [[nodiscard]] constexpr Faults without(Fault fault) const { return Faults(bits_ & ~(1U << static_cast<int>(fault))); }
  friend constexpr bool operator==(Faults, Faults) = default;

 private:
  explicit constexpr Faults(unsigned bits) : bits_(bits) {}
  unsigned bits_;
};

/// What a submission without an answer can rely on.
enum class GatewayKind : std::uint8_t {
  asked,    ///< takes a repeat for a new message, and can be asked what it took
  removes,  ///< removes duplicates
  repeats,  ///< takes a repeat for a new message
};
inline constexpr std::array<std::string_view, 3> gateway_kind_names = {"asked", "removes", "repeats"};

/// Promises that are broken on purpose, to see that the checker finds out. The product has no such switches: the world
/// around it breaks them (breakage.*).
enum class Break : std::uint8_t {
  nothing,
  fence,        ///< the store takes commits of an owner that has lost its lease
  in_flight,    ///< the store does not keep what was claimed
  cursor,       ///< the cursor reaches the store apart from its effects
  random_ids,   ///< each process has ids of its own for the notices it claims
  barrier,      ///< the store says that the stream was read to its end when it was not
  retry_tail,   ///< what a paused gateway did not take goes to the end of the line
  morning,      ///< 07:00 is still quiet
  evening,      ///< 22:00 is not quiet yet
  listing,      ///< that a gateway does not know a message is believed before it lists what it takes
  review,       ///< other policies are taken for the same
  accusation,   ///< what is said of a debt is said whether or not it is there (D1, D16)
  one_date,     ///< a second day of suspension counts as the first, that was told (D2)
  at_risk,      ///< that a warning fails is not said (D2)
  threat,       ///< a service that was stopped is told of as if it ran (D3)
  amounts,      ///< what a position leaves out is kept from the one before (D4, D28)
  times,        ///< an amount is told with the time of the notice, not of the amount (D4)
  currencies,   ///< amounts are told in the currency of another one (D5)
  past_days,    ///< that a day is past does not stop what announces it (D6)
  reversals,    ///< a payment that was taken back is a payment (D7)
  zeros,        ///< a payment of nothing is a payment (D8)
  identity,     ///< the id alone tells events apart (D9)
  contents,     ///< two payments of equal content are one (D18)
  counters,     ///< sources share one counter (D19)
  late_thanks,  ///< a payment that comes late is thanked for by nobody (D20)
  last_stage,   ///< the first that is said is the last that there is to say (D22)
  reopening,    ///< closed is for ever (D23)
  limits,       ///< what is owed is told without regard to the credit limit (D27)
  arrivals,     ///< what a receipt proves is forgotten (S2)
  last_word,    ///< what ended stays as it ended, whatever a receipt says (S40, C1)
  doubts,       ///< what may have been told does not count (C1)
  posts,        ///< the store does not keep what is to be brought
  cases,        ///< the store does not keep the cases of alerts
  tasks,        ///< nor those of tasks
  kept,         ///< a record is kept though another process may have written it, or the store never had it
};
inline constexpr std::array<std::string_view, 35> break_names = {
    "nothing",  "fence",     "in_flight", "cursor",      "random_ids", "barrier",   "retry_tail",
    "morning",  "evening",   "listing",   "review",      "accusation", "one_date",  "at_risk",
    "threat",   "amounts",   "times",     "currencies",  "past_days",  "reversals", "zeros",
    "identity", "contents",  "counters",  "late_thanks", "last_stage", "reopening", "limits",
    "arrivals", "last_word", "doubts",    "posts",       "cases",      "tasks",     "kept"};

struct SimOptions {
  std::uint64_t seed = 1;
  int partitions = 2;
  int accounts = 8;
  int events = 60;
  std::optional<GatewayKind> gateway;  ///< by default as the seed says
  Faults faults = Faults::all();
  Break broken = Break::nothing;
  /// Of the story, by position: what is left when a failure is shrunk. None: all of it.
  std::optional<std::vector<std::size_t>> keep;
  bool narrated = false;  ///< tells what happens, line by line

  [[nodiscard]] GatewayKind gateway_kind() const {
    return gateway.value_or(static_cast<GatewayKind>(seed % gateway_kind_names.size()));
  }
};

}  // namespace dun::test
