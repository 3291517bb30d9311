// The JSON body of a request, from members that each name their place by a pointer.
#pragma once

#include "gateways/spec.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace dun::gateways {

/// The first member that cannot be placed (its pointer and why), such as `/a/b` where `/a` is a text.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> check_json_members(
    std::span<const JsonMember> members);

/// The serialised body. A member is left out where its value is absent or an empty text.
[[nodiscard]] std::expected<std::string, std::string> json_body(std::span<const JsonMember> members,
                                                                TemplateValues& values);

}  // namespace dun::gateways
