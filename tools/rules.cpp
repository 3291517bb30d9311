#include "tools/rules.hpp"

#include <iostream>

namespace dun::tools {

void print(const config::Mistakes& mistakes) {
  for (const config::Mistake& mistake : mistakes) std::cerr << config::to_text(mistake) << '\n';
}

}  // namespace dun::tools
