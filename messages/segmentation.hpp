// How an SMS text travels: which alphabet it needs, how many segments it takes, where it is cut (docs/gateways.md,
// "Rendering"). Handsets, gateways and bills count the same way, so these are facts about a text, not choices.
#pragma once

#include "domain/vocabulary.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace dun::messages {

/// What a text costs. Units are septets in GSM-7 (an extension character is two) and UTF-16 units in UCS-2.
struct SegmentCount {
  Encoding encoding = Encoding::gsm7;
  int units = 0;
  int parts = 1;  ///< SMS segments; an empty text is one
  friend bool operator==(const SegmentCount&, const SegmentCount&) = default;
};

struct Segmentation {
  Encoding encoding = Encoding::gsm7;
  int units = 0;
  std::vector<std::string> segments;  ///< UTF-8, at least one; joined they are the text
};

/// One alphabet holds for the whole text: GSM 03.38 (basic and extension table) if it has every character, else UCS-2.
/// A text of at most 160 septets or 70 units is one segment; a longer one is cut into segments of at most 153 or 67,
/// each as full as it can be without tearing an extension or surrogate pair apart. Neither copies nor allocates.
/// Error: the text is not UTF-8, with the offset of the first wrong byte.
[[nodiscard]] std::expected<SegmentCount, std::string> count(std::string_view utf8);

/// The same, with the segments themselves.
[[nodiscard]] std::expected<Segmentation, std::string> segment(std::string_view utf8);

/// The first character that GSM 03.38 does not have: why a text is UCS-2. A view into `utf8`, empty if there is none.
[[nodiscard]] std::string_view first_outside_gsm7(std::string_view utf8);

}  // namespace dun::messages
