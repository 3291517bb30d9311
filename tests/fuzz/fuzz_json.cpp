// Any bytes as JSON: a value that is bounded and UTF-8 and reads again as itself, or a place within the bytes.
#include "base/assert.hpp"
#include "base/json/reader.hpp"
#include "base/text/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace dun;

constexpr json::Limits limits{.size = 4096, .depth = 16, .values = 500};

std::size_t check(const json::Value& value, std::size_t depth) {
  using Kind = json::Value::Kind;
  const bool container = value.kind == Kind::array || value.kind == Kind::object;
  DUN_ASSERT(depth + (container ? 1 : 0) <= limits.depth);
  DUN_ASSERT(is_utf8(value.text));
  DUN_ASSERT((value.kind == Kind::number) == json::is_number(value.text) || value.kind == Kind::string);
  std::size_t values = 1;
  for (const json::Value& element : value.elements) values += check(element, depth + 1);
  for (const auto& [name, member] : value.members) {
    DUN_ASSERT(is_utf8(name));
    values += check(member, depth + 1);
  }
  return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto value = json::read(bytes, limits);
  if (!value) {
    DUN_ASSERT(!value.error().message.empty() && value.error().offset <= size);
    return 0;
  }
  DUN_ASSERT(check(*value, 0) <= 2 * limits.values + 1);
  const std::string written = json::write(*value);
  DUN_ASSERT(is_utf8(written));
  const auto again = json::read(written);
  DUN_ASSERT(again && json::write(*again) == written);
  return 0;
}
