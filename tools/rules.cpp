#include "tools/rules.hpp"

#include "tools/output.hpp"

namespace dun::tools {

void print(const config::Mistakes& mistakes) {
  for (const config::Mistake& mistake : mistakes) complain("{}\n", config::to_text(mistake));
}

}  // namespace dun::tools
