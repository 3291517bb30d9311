#include "tools/rules.hpp"

#include "domain/zones.hpp"
#include "tools/output.hpp"

namespace dun::tools {

std::string zones_in_force() {
  const auto version = zone_data().version();
  return version.name + " " + to_rfc3339(version.written);
}

void print(const config::Mistakes& mistakes) {
  for (const config::Mistake& mistake : mistakes) complain("{}\n", config::to_text(mistake));
}

}  // namespace dun::tools
