// What goes wrong at the simulated gateway, and when. Pure; the same seed and the same requests give the same faults.
#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace dun::gateway_sim {

enum class Fault : std::uint8_t {
  delay,         ///< answers later; may come on top of another fault
  throttled,     ///< 429 with Retry-After; not taken
  error,         ///< a status of 500 to 599; not taken
  reset_before,  ///< resets the connection without reading the request; not taken
  reset_after,   ///< takes the message and resets the connection
  garbage,       ///< takes the message and answers with something that is not HTTP
  slow,          ///< takes the message and lets the answer trickle
  no_answer,     ///< takes the message and says nothing
  undelivered,   ///< takes the message; its receipt says that it failed
};

/// One item of a specification.
struct FaultRule {
  Fault fault = Fault::delay;
  double probability = 0;  ///< of a request; 0 where `every` says when
  std::uint64_t every = 0;
  Millis span{0};  ///< of a delay, a slow answer, Retry-After
  int status = 0;  ///< of an error
};

struct FaultSpec {
  std::vector<FaultRule> rules;
  std::uint64_t seed = 1;
};

/// Comma-separated NAME=WHEN, where WHEN is a probability (0.05) or 1/N for every Nth request; some names take a span
/// in front, as in delay=50ms:0.1. See fault_help. The error names the item.
[[nodiscard]] std::expected<FaultSpec, std::string> parse_faults(std::string_view text);

/// The grammar for `--help`.
[[nodiscard]] std::string fault_help();

/// What happens to one request: a delay or none, and at most one of the others.
struct RequestFate {
  Millis delay{0};
  std::optional<FaultRule> fault;
  bool undelivered = false;
};

class FaultPlan {
 public:
  explicit FaultPlan(FaultSpec spec);
  [[nodiscard]] RequestFate next();

 private:
  bool happens(const FaultRule& rule);

  FaultSpec spec_;
  std::mt19937_64 random_;
  std::uint64_t requests_ = 0;
};

}  // namespace dun::gateway_sim
