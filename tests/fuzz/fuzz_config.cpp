// Any bytes as any file of the configuration: every mistake has a place and a message, and what is accepted can be
// used.
#include "base/assert.hpp"
#include "config/describe.hpp"
#include "config/dun_loader.hpp"
#include "config/gateways_loader.hpp"
#include "config/messages_loader.hpp"
#include "config/people_loader.hpp"
#include "config/policies_loader.hpp"
#include "policies/calendar.hpp"
#include "policies/gates/quiet_hours.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace dun;
using namespace dun::config;

template <typename Read>
bool reads(std::string_view text, Read read) {
  Mistakes mistakes;
  const Document document(text, "fuzz.toml", mistakes);
  read(document.root(), mistakes);
  document.finish();
  for (const Mistake& mistake : mistakes) {
    DUN_ASSERT(mistake.line >= 1 && mistake.column >= 1);
    DUN_ASSERT(!mistake.message.empty());
  }
  DUN_ASSERT(mistakes.empty() || !to_text(mistakes.front()).empty());
  return mistakes.empty();
}

/// Quiet hours that were accepted end, and leave an hour in which to send.
void check_quiet(const std::vector<policies::QuietWindow>& windows, const std::string& zone_name) {
  const policies::Zone* zone = policies::find_zone(zone_name);
  DUN_ASSERT(zone != nullptr);
  for (const int hour : {0, 3, 12, 23}) {
    const Instant at = date::sys_days(date::year(2026) / date::March / 28) + std::chrono::hours(hour);
    const auto quiet = policies::find_quiet(windows, at, *zone);
    if (!quiet) continue;
    DUN_ASSERT(quiet->began <= at && at < quiet->ends);
    DUN_ASSERT(quiet->ends - at <= date::weeks(1));
  }
}

void check_policies(std::string_view text) {
  policies::PolicySet set = policies::shipped_policies();
  scheduler::MonitorOptions monitors;
  const auto read = [&](const Section& root, Mistakes&) {
    read_policies(root, set);
    read_monitors(root.section("monitors"), monitors);
  };
  if (!reads(text, read)) return;
  check_quiet(set.quiet_hours.windows, set.default_zone);
  for (const std::string& sentence : describe(set)) DUN_ASSERT(!sentence.empty());
}

void check_people(std::string_view text) {
  policies::PeopleOptions people;
  if (!reads(text, [&](const Section& root, Mistakes&) { read_people(root, "Asia/Shanghai", people); })) return;
  for (const auto& [id, person] : people.people) check_quiet(person.quiet, person.zone);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_policies(text);
  check_people(text);
  DunOptions dun;
  reads(text, [&](const Section& root, Mistakes&) { read_dun(root, Secrets::optional, dun); });
  GatewaysOptions gateways;
  const GatewaySources sources{.directory = "nowhere", .settings_required = false};
  reads(text, [&](const Section& root, Mistakes& mistakes) { read_gateways(root, sources, mistakes, gateways); });
  reads(text, [&](const Section& root, Mistakes&) { static_cast<void>(read_messages(root, "en")); });
  return 0;
}
