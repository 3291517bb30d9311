#include "gateways/pattern.hpp"

#include <re2/re2.h>

namespace dun::gateways {

std::expected<Pattern, std::string> Pattern::compile(std::string_view source) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // any bytes are text
  options.set_log_errors(false);
  options.set_dot_nl(true);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(source.data(), source.size()), options);
  if (!compiled->ok()) return std::unexpected(compiled->error());
  return Pattern(std::move(compiled));
}

std::optional<std::vector<std::string>> Pattern::find(std::string_view text) const {
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(compiled_->NumberOfCapturingGroups()) + 1);
  if (!compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                        static_cast<int>(groups.size())))
    return std::nullopt;
  std::vector<std::string> found;
  found.reserve(groups.size());
  for (const re2::StringPiece& group : groups) found.emplace_back(group.data() == nullptr ? "" : group.as_string());
  return found;
}

int Pattern::groups() const {
  return compiled_->NumberOfCapturingGroups();
}

const std::string& Pattern::source() const {
  return compiled_->pattern();
}

}  // namespace dun::gateways
