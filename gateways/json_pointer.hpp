// Looking into JSON that a peer sent, by RFC 6901 pointers in which `*` stands for each element of an array.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::gateways {

/// What is wrong with a pointer: it is empty (the whole document) or begins with a slash, and `~` stands only in ~0,
/// ~1.
[[nodiscard]] std::optional<std::string> pointer_problem(std::string_view pointer);

/// Everything that the pointer reaches, none where the document has no such place.
[[nodiscard]] std::vector<const nlohmann::json*> find_all(const nlohmann::json& document, std::string_view pointer);

/// The first of them in text form.
[[nodiscard]] std::optional<std::string> find_text(const nlohmann::json& document, std::string_view pointer);

/// A string as it is; anything else as JSON writes it.
[[nodiscard]] std::string text_of(const nlohmann::json& value);

/// The document, or none where the bytes are no JSON.
[[nodiscard]] std::optional<nlohmann::json> parse_json(std::string_view bytes);

}  // namespace dun::gateways
