// JSON from outside: whatever the bytes are, reading them ends in a value or in a reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace dun::json {

struct Member;

/// A document or a part of one. No deeper than `Limits::depth`, so that what walks over it may recurse.
struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string text;  ///< of a string; else of a scalar as it was written, so that no digit of a number is lost
  std::vector<Value> elements;  ///< of an array
  std::vector<Member> members;  ///< of an object, as they stood; a name may be there twice

  /// The member of that name, null where there is none. Of one that is given twice the last counts, as for most
  /// parsers.
  [[nodiscard]] const Value* find(std::string_view name) const;
};

struct Member {
  std::string name;
  Value value;
};

struct Limits {
  std::size_t size = std::size_t{16} << 20;  ///< bytes
  std::size_t depth = 64;                    ///< arrays and objects within each other
  std::size_t values = 200'000;              ///< a few bytes each, which become a hundred
};

struct Error {
  std::size_t offset = 0;  ///< in the bytes as they came
  std::string message;     ///< names the place as well
};

/// Lenient where a peer means well, because one odd byte in a remark must not hide what the rest says:
///
/// - What is not UTF-8 becomes U+FFFD (base/text/utf8.hpp), and so does half a surrogate pair in an escape. Where the
///   text is in a double-byte character set, whose second byte may be a backslash, that one belongs to its character.
/// - Control characters may stand in strings unescaped.
/// - Numbers keep their digits, whatever their size.
///
/// Everything else is as in RFC 8259; a byte order mark may precede it.
[[nodiscard]] std::expected<Value, Error> read(std::string_view bytes, const Limits& limits = {});

/// Whether it is a number as JSON writes it (RFC 8259, section 6).
[[nodiscard]] bool is_number(std::string_view text);

/// Compact, in UTF-8.
[[nodiscard]] std::string write(const Value& value);

/// A string as it is, anything else as it is written.
[[nodiscard]] std::string text_of(const Value& value);

}  // namespace dun::json
