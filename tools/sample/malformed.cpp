#include "tools/sample/malformed.hpp"

#include <algorithm>
#include <array>

namespace dun::sample {
namespace {

constexpr std::array spoils = {
    Spoil{"id", "id", ""},
    Spoil{"type", "type", ""},
    Spoil{"type", "type", "credit.chnaged"},
    Spoil{"account", "account", ""},
    Spoil{"account", "account", "A 17; DROP TABLE"},
    Spoil{"account", "account", "\xe8\xb4\xa6\xe6\x88\xb7\xe5\x8d\x81\xe4\xb8\x83"},
    Spoil{"time", "time", ""},
    Spoil{"time", "time", "2026-01-31 21:45:00"},
    Spoil{"time", "time", "2026-02-30T21:45:00+08:00"},
    Spoil{"time", "time", "2999-01-31T21:45:00+08:00"},
    Spoil{"time", "time", "yesterday"},
    Spoil{"time", "time", "1970-01-01T00:00:00Z"},
    Spoil{"balance", "balance", "12,50"},
    Spoil{"balance", "balance", "1e9"},
    Spoil{"currency", "currency", "yuan"},
    Spoil{"credit_limit", "credit_limit", "none"},
    Spoil{"state", "state", "broke"},
    Spoil{"due_at", "due_at", "tomorrow"},
    Spoil{"suspend_at", "suspend_at", "2026-02-01"},
    Spoil{"exhausts_at", "exhausts_at", "31.01.2026 21:45"},
    Spoil{"currency", "currency", "XXY"},
    Spoil{"suspend_at", "suspend_at", "58041-02-01T00:00:00Z"},
    Spoil{"exhausts_at", "exhausts_at", "2999-12-31T00:00:00Z"},
    Spoil{"state,balance", "balance", "+12.50"},
    Spoil{"until", "type", "dispute.opened"},
};

}  // namespace

std::span<const Spoil> all_spoils() {
  return spoils;
}

void apply(const Spoil& spoil, Fields& fields) {
  // Only who states a state contradicts it; some producers leave it to Dun.
  if (spoil.field == "state,balance" && std::ranges::count(fields, "state", &Field::first) == 0)
    fields.emplace_back("state", "arrears");
  const auto at = std::ranges::find(fields, spoil.key, &Field::first);
  if (spoil.value.empty()) {
    if (at != fields.end()) fields.erase(at);
  } else if (at != fields.end()) {
    at->second = spoil.value;
  } else {
    fields.emplace_back(spoil.key, spoil.value);
  }
}

}  // namespace dun::sample
