// What configuration fills here, and what it asks about a value before it takes it.
#pragma once

#include "gateways/spec.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace dun::gateways {

/// What is wrong with a pointer: it is empty (the whole document) or begins with a slash, and `~` stands only in ~0,
/// ~1.
[[nodiscard]] std::optional<std::string> pointer_problem(std::string_view pointer);

/// `10.1.0.0/16`, `192.0.2.7`, `2001:db8::/32`.
[[nodiscard]] std::expected<SourceRange, std::string> parse_source_range(std::string_view text);

/// Whether senders must prove anything at all.
[[nodiscard]] bool is_protected(const ReceiptsSpec& receipts);

/// Why not even a message that nothing is odd about can be handed over, or asked about: then it is not a message's
/// fault when its request cannot be built.
[[nodiscard]] std::optional<std::string> configuration_fault(const GatewaySpec& gateway);

}  // namespace dun::gateways
