// DUN_ASSERT: our own bugs, checked in release too. What a peer sends is never asserted on.
#pragma once

namespace dun {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define DUN_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::dun::assertion_failed(#expression, __FILE__, __LINE__))
