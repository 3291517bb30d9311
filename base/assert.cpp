#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace dun {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s. This is a bug in Dun; please report it.\n", file, line,
               expression);
  std::abort();
}

}  // namespace dun
