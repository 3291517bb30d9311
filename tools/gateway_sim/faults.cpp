#include "tools/gateway_sim/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dun::gateway_sim {
namespace {

using namespace std::chrono_literals;

struct FaultName {
  std::string_view name;
  Fault fault;
  Millis span;  // the default; below 0: the fault takes none
  std::string_view help;
};

constexpr Millis none = -1ms;
constexpr std::array names = {
    FaultName{"delay", Fault::delay, 100ms, "delay=[SPAN:]WHEN      answers SPAN later (100ms)"},
    FaultName{"429", Fault::throttled, 1s, "429=[SPAN:]WHEN        429 with Retry-After (1s); not taken"},
    FaultName{"reset_before", Fault::reset_before, none, "reset_before=WHEN      resets without reading; not taken"},
    FaultName{"reset_after", Fault::reset_after, none, "reset_after=WHEN       takes the message and resets"},
    FaultName{"garbage", Fault::garbage, none, "garbage=WHEN           takes the message, answers nonsense"},
    FaultName{"slow", Fault::slow, 60s,
              "slow=[SPAN:]WHEN       takes the message, answers byte by byte over SPAN (1m)"},
    FaultName{"no_answer", Fault::no_answer, none, "no_answer=WHEN         takes the message, never answers"},
    FaultName{"undelivered", Fault::undelivered, none, "undelivered=WHEN       its receipt says failed"},
};

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<FaultRule> rule_named(std::string_view name) {
  const auto found = std::ranges::find(names, name, &FaultName::name);
  if (found != names.end()) return FaultRule{.fault = found->fault, .span = found->span};
  const auto status = to_number<int>(name);
  if (status && *status >= 500 && *status <= 599)
    return FaultRule{.fault = Fault::error, .span = none, .status = *status};
  return std::nullopt;
}

std::expected<void, std::string> read_when(std::string_view text, FaultRule& rule) {
  if (text.starts_with("1/")) {
    const auto every = to_number<std::uint64_t>(text.substr(2));
    if (every && *every > 0) {
      rule.every = *every;
      return {};
    }
  } else if (const auto probability = to_number<double>(text); probability && *probability >= 0 && *probability <= 1) {
    rule.probability = *probability;
    return {};
  }
  return std::unexpected(fmt::format("expected a probability such as 0.05, or 1/N for every Nth, found \"{}\"", text));
}

std::expected<FaultRule, std::string> parse_rule(std::string_view name, std::string_view value) {
  auto rule = rule_named(name);
  if (!rule) return std::unexpected<std::string>("there is no such fault");
  const std::size_t colon = value.find(':');
  if (colon != std::string_view::npos) {
    if (rule->span == none) return std::unexpected<std::string>("this fault takes no span");
    const auto span = parse_span(value.substr(0, colon));
    if (!span) return std::unexpected(span.error());
    rule->span = *span;
    value.remove_prefix(colon + 1);
  }
  if (auto read = read_when(value, *rule); !read) return std::unexpected(read.error());
  return *rule;
}

}  // namespace

std::expected<FaultSpec, std::string> parse_faults(std::string_view text) {
  FaultSpec spec;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return std::unexpected(fmt::format("\"{}\": expected NAME=WHEN", item));
    const std::string_view value = item.substr(equals + 1);
    if (item.substr(0, equals) == "seed") {
      const auto seed = to_number<std::uint64_t>(value);
      if (!seed) return std::unexpected(fmt::format("\"{}\": expected a whole number", item));
      spec.seed = *seed;
      continue;
    }
    auto rule = parse_rule(item.substr(0, equals), value);
    if (!rule) return std::unexpected(fmt::format("\"{}\": {}", item, rule.error()));
    spec.rules.push_back(*rule);
  }
  return spec;
}

std::string fault_help() {
  std::string text =
      "SPEC is a comma list. WHEN is a probability such as 0.05, or 1/N for every Nth request; SPAN such as 50ms or "
      "2s:\n";
  for (const FaultName& name : names) text += fmt::format("  {}\n", name.help);
  text += "  500=WHEN ... 599=WHEN  that status; not taken\n";
  text += "  seed=N                 of the probabilities (1)\n";
  text += "Example: delay=50ms:0.1,429=0.02,500=0.01,reset_before=0.01,reset_after=1/100,garbage=0.01,slow=0.01,seed=7";
  return text;
}

FaultPlan::FaultPlan(FaultSpec spec) : spec_(std::move(spec)), random_(spec_.seed) {}

bool FaultPlan::happens(const FaultRule& rule) {
  if (rule.every > 0) return requests_ % rule.every == 0;
  // Drawn for every rule and request, so that one rule's luck does not shift another's.
  return std::uniform_real_distribution<double>(0, 1)(random_) < rule.probability;
}

RequestFate FaultPlan::next() {
  ++requests_;
  RequestFate fate;
  for (const FaultRule& rule : spec_.rules) {
    if (!happens(rule)) continue;
    if (rule.fault == Fault::delay)
      fate.delay += rule.span;
    else if (rule.fault == Fault::undelivered)
      fate.undelivered = true;
    else if (!fate.fault)
      fate.fault = rule;
  }
  return fate;
}

}  // namespace dun::gateway_sim
