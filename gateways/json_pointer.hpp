// Looking into JSON that a peer sent, by RFC 6901 pointers in which `*` stands for each element of an array.
#pragma once

#include "base/json/reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::gateways {

/// Everything that the pointer reaches, none where the document has no such place.
[[nodiscard]] std::vector<const json::Value*> find_all(const json::Value& document, std::string_view pointer);

/// The first of them in text form; none where it is null, by which many say that there is nothing.
[[nodiscard]] std::optional<std::string> find_text(const json::Value& document, std::string_view pointer);

/// The same by a name as configuration gives it: a pointer where it begins with a slash, else one member, whatever
/// characters it has.
[[nodiscard]] std::optional<std::string> find_field(const json::Value& entry, std::string_view name);

}  // namespace dun::gateways
