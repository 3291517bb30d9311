// A message as it was handed to the simulated gateway, and what the gateway answers. Pure.
#pragma once

#include "gateways/codec.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace dun::gateway_sim {

/// The two interfaces that the simulator has: those of the presets generic-json and generic-form.
enum class Interface : std::uint8_t { json, form };

struct Submission {
  Interface interface = Interface::form;
  gateways::NameValues fields;  ///< all that came, in order
  int parts = 1;                ///< SMS segments

  /// Empty where the field did not come.
  [[nodiscard]] const std::string& field(std::string_view name) const;
};

/// Which interface a request uses: JSON where its content type says so, else a form or a query.
[[nodiscard]] Interface interface_of(std::string_view content_type);

/// `to` and `text` are required. Error: what the sender is told.
[[nodiscard]] std::expected<Submission, std::string> read_submission(Interface interface, std::string_view query,
                                                                     std::string_view body);

struct Answer {
  int status = 200;
  std::string content_type, body;
};
[[nodiscard]] Answer accepted(Interface interface, const std::string& id, int parts);
[[nodiscard]] Answer refused(Interface interface, int status, const std::string& why);

}  // namespace dun::gateway_sim
