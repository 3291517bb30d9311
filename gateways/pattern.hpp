// Regular expressions over what a gateway answers.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace dun::gateways {

/// A pattern in RE2's syntax, over bytes. Matching takes time linear in the input whatever a peer sends, which is why
/// it is not std::regex: that one recurses per character and overflows the stack on a long body.
class Pattern {
 public:
  [[nodiscard]] static std::expected<Pattern, std::string> compile(std::string_view source);

  /// The whole match and then each group, where the pattern is found anywhere in `text`; `^` and `$` mean its ends.
  [[nodiscard]] std::optional<std::vector<std::string>> find(std::string_view text) const;
  [[nodiscard]] int groups() const;
  [[nodiscard]] const std::string& source() const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace dun::gateways
