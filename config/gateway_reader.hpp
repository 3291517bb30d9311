// One gateway of gateways.toml, or one preset: the two are written alike, and a gateway is read over its preset.
#pragma once

#include "config/toml_reader.hpp"
#include "gateways/options.hpp"
#include "scheduler/options.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dun::config {

/// Fills a GatewaySpec and the engine's options for that gateway from one or two tables. What the second table says
/// stands in place of what the first said, name by name; its response rules are looked at first.
///
/// The documents of the tables must live until `check` has been called.
class GatewayReader {
 public:
  GatewayReader(std::string name, const gateways::Settings& settings);

  void read(const Section& section);
  /// Checks the whole, and reports each problem at the place it comes from.
  void check();

  [[nodiscard]] const gateways::GatewaySpec& spec() const { return spec_; }
  [[nodiscard]] const scheduler::GatewayOptions& options() const { return options_; }

 private:
  /// Where something was read, for problems that show later.
  struct Origin {
    Section section;
    Location location;
    bool single_line = false;  ///< a text on one line: an offset within it is a column
  };

  void read_transport(const Section& section);
  void read_flow(const Section& section);
  void read_unknown(const Section& section);
  void read_message(const Section& section);
  void read_values(const Section& section);
  /// `table`: "request" or "status", what their keys begin with.
  void read_request(const Section& section, const std::string& table, gateways::RequestSpec& request);
  void read_json(const Section& section, const std::string& table, std::vector<gateways::JsonMember>& members);
  void read_response(const Section& section, gateways::ResponseRule& rule);
  void read_status(const Section& section);
  void read_receipts(const Section& section);
  void read_sources(const Section& section);
  void read_parameters(const Section& section, const std::string& table, std::vector<gateways::Parameter>& parameters);
  /// The conditions and extracts that every kind of response rule has.
  void read_conditions(const Section& section, gateways::ResponseRule& rule);
  void check_unknown();
  void check_questions();

  /// Parses a template and remembers where it stood as `key`.
  std::optional<gateways::Template> parse(const Section& section, std::string_view name, const std::string& key);
  void read_template(const Section& section, std::string_view name, const std::string& key, gateways::Template& target);
  void read_template(const Section& section, std::string_view name, const std::string& key,
                     std::optional<gateways::Template>& target);
  /// A text in which only `{env:NAME}` and `{file:PATH}` stand for something.
  void read_setting(const Section& section, std::string_view name, std::string& target);

  void remember(const std::string& key, const Section& section, Location location, bool single_line = false);
  [[nodiscard]] const Origin& origin(std::string key) const;
  [[nodiscard]] const Origin& origin_of(const std::string& problem) const;

  gateways::GatewaySpec spec_;
  scheduler::GatewayOptions options_;
  const gateways::Settings& settings_;
  std::map<std::string, Origin, std::less<>> origins_;
  std::vector<Origin> rule_origins_;    ///< of spec_.responses
  std::vector<Origin> status_origins_;  ///< of spec_.status.responses
};

}  // namespace dun::config
