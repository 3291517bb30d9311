// Texts with placeholders, from which requests are made.
//
//   {to}                        a value of the message, of the gateway's own `values`, or of the moment
//   {utc:%Y%m%dT%H%M%SZ}        a value that takes an argument
//   {text|utf16be|hex}          a value changed by filters, from left to right
//   {day|hmac_sha256(key)}      ... keyed with another value, as raw bytes, so that keys can be chained
//   {env:NAME} {env:NAME:-x}    the environment variable, or x where it is not set
//   {file:PATH}                 the contents of a file
//   {{ and }}                   braces
//
// Who writes a template never escapes: that follows the place where the result goes. docs/operations.md lists the
// values and filters.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::gateways {

/// What `{env:NAME}` and `{file:PATH}` mean while a configuration is read. The errors say what is missing.
struct Settings {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::expected<std::string, std::string>(const std::string& path)> file;
  /// Stands for what is not there, for commands that send nothing and need no secrets; none: that is an error.
  std::optional<std::string> missing;
};

/// A value, none where it is absent in this attempt (a validity that nobody bounded), or why it cannot be made.
using TemplateValue = std::expected<std::optional<std::string>, std::string>;

/// Where a template's names get their values.
class TemplateValues {
 public:
  virtual ~TemplateValues() = default;
  virtual TemplateValue value(std::string_view name, std::string_view argument) = 0;
};

/// How placeholders are written into the text around them.
enum class Escape : std::uint8_t {
  none,
  url,   ///< percent-encoded, except a URL that the template begins with: that is its base. No segment may be dots
  form,  ///< percent-encoded, unless the filter `percent` has done so
  json,  ///< as within a JSON string
  xml,   ///< as within XML text or an attribute
};

struct TemplateError {
  std::size_t offset = 0;  ///< bytes from the beginning of the text
  std::string message;
};

struct TemplateFilter;  // defined in template.cpp

/// A parsed template: a value, cheap enough to copy with the gateway it belongs to, never changed after it was read.
class Template {
 public:
  Template() = default;  ///< the empty text
  [[nodiscard]] static std::expected<Template, TemplateError> parse(std::string_view text, const Settings& settings);

  /// A name that must have a value: a placeholder's, or the key of one of its filters.
  struct Reference {
    std::string name;
    std::string argument;  ///< empty where the name takes none
    std::size_t offset = 0;
  };
  [[nodiscard]] const std::vector<Reference>& references() const { return references_; }
  [[nodiscard]] bool refers_to(std::string_view name) const;

  /// Texts that came from the environment or a file; `skip_base` leaves out the one that begins the template.
  [[nodiscard]] std::vector<std::string> secrets(bool skip_base = false) const;

  /// No placeholder but settings: the same for every message.
  [[nodiscard]] bool constant() const { return references_.empty(); }
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  /// The whole is one placeholder that ends in the filter `number`: JSON writes it without quotes.
  [[nodiscard]] bool is_number() const;

  /// None where a value that it mentions is absent.
  [[nodiscard]] TemplateValue render(TemplateValues& values, Escape escape = Escape::none) const;

  /// What stands before the first value: of a URL the part that no message can change.
  [[nodiscard]] std::string constant_beginning(Escape escape = Escape::none) const;

  /// As it was written.
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  friend class TemplateParser;

  struct Filter {
    const TemplateFilter* kind = nullptr;
    std::string argument;
  };
  struct Part {
    enum class Kind : std::uint8_t { literal, setting, value };
    Kind kind = Kind::literal;
    std::string text;      ///< of a literal or a setting; the name of a value
    std::string argument;  ///< of a value
    bool secret = false;   ///< a setting that came from the environment or a file
    std::vector<Filter> filters;
  };

  static TemplateValue apply(const Filter& filter, std::optional<std::string> input, TemplateValues& values);

  std::string source_;
  std::vector<Part> parts_;
  std::vector<Reference> references_;
};

/// The text as it stands within a JSON string; invalid UTF-8 is the caller's to refuse.
[[nodiscard]] std::string json_escape(std::string_view text);

}  // namespace dun::gateways
