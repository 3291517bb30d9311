#include "redis/outcome_filter.hpp"

#include "base/assert.hpp"

#include <array>

namespace dun::redis {

std::expected<OutcomeFilter, std::string> OutcomeFilter::parse(std::span<const std::string> patterns) {
  OutcomeFilter filter;
  const auto names = outcome_type_names();
  for (const std::string& pattern : patterns) {
    const bool prefix = pattern.ends_with(".*");
    bool known = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool own = static_cast<OutcomeType>(i) == OutcomeType::event_applied;
      const bool matches = prefix
                               ? !own && names[i].starts_with(std::string_view(pattern).substr(0, pattern.size() - 1))
                               : names[i] == pattern;
      if (matches) filter.types_.set(i);
      known = known || matches;
    }
    if (known) continue;
    std::string list;
    for (const std::string_view name : names) list.append(list.empty() ? "" : " ").append(name);
    return std::unexpected("no outcome type is called \"" + pattern + "\"; there are " + list +
                           ", and prefixes such as task.*");
  }
  return filter;
}

OutcomeFilter OutcomeFilter::standard() {
  static const std::array<std::string, 7> patterns = {
      "suspension.*", "task.*", "alert.*", "notice.sent", "notice.delivered", "notice.failed", "notice.unreachable"};
  const auto filter = parse(patterns);
  DUN_ASSERT(filter.has_value());
  return *filter;
}

}  // namespace dun::redis
