// Any bytes as a text, as a pattern, and as the values that go into one: no crash, and what is promised holds.
#include "base/assert.hpp"
#include "messages/compiled_text.hpp"
#include "messages/sample.hpp"
#include "messages/segmentation.hpp"
#include "messages/typography.hpp"

#include <date/tz.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace dun;
using namespace dun::messages;

void check_segments(std::string_view text) {
  static_cast<void>(as_sent(std::string(text)));
  DUN_ASSERT(!named_character(text).empty());
  const auto counted = count(text);
  const auto segmented = segment(text);
  DUN_ASSERT(counted.has_value() == segmented.has_value());
  if (!counted) return;
  DUN_ASSERT(counted->parts == static_cast<int>(segmented->segments.size()));
  DUN_ASSERT(counted->units == segmented->units);
  DUN_ASSERT((counted->encoding == Encoding::gsm7) == first_outside_gsm7(text).empty());
  std::string joined;
  for (const std::string& part : segmented->segments) {
    joined += part;
    DUN_ASSERT(count(part).has_value());  // no character was torn apart
  }
  DUN_ASSERT(joined == text);
}

void check_pattern(std::string_view text) {
  static Formats formats{icu::Locale("zh", "CN")};
  static const date::time_zone& zone = *date::locate_zone("America/New_York");
  const auto pattern = CompiledText::compile(text, formats);
  if (!pattern) {
    DUN_ASSERT(!pattern.error().empty());
    return;
  }
  for (MessageContext context :
       {sample_context(NoticeKind::charge, 1, true), bare_sample_context(NoticeKind::charge, 1, true)}) {
    if (!context.product.empty()) context.product = text;
    std::string out;
    const Sender sender{.name = std::string(text), .pay = std::string(text), .call = "10000"};
    pattern->render({.message = context, .sender = sender}, zone, formats, out);
    DUN_ASSERT(count(out).has_value());
    DUN_ASSERT(count(as_sent(out)).has_value());
    DUN_ASSERT(as_sent(as_sent(out)) == as_sent(out));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_segments(text);
  check_pattern(text);
  return 0;
}
