// One text with its arguments, in the syntax of ICU MessageFormat.
#pragma once

#include "messages/arguments.hpp"
#include "messages/formats.hpp"

#include <expected>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace date {
class time_zone;
}

namespace dun::messages {

struct Node;
using Nodes = std::vector<Node>;

/// A pattern that was read and checked, ready to be filled in.
///
/// Problem: a text is written by a translator and first needed at night, for a customer whose data lacks something.
/// Guarantee: what compiles always renders. Arguments exist and are written in a way that suits them, and one that may
/// be missing stands only where a `{name, select, none {...} other {...}}` around it says that it is there.
///
/// ICU's parser reads the pattern (`icu::MessagePattern`); filling in is done here and not by `icu::MessageFormat`,
/// which formats nested dates in the zone of the process and takes amounts without their currency.
/// Owner: the catalogue. Immutable; must not outlive the Formats it was compiled with.
class CompiledText {
 public:
  /// Error: everything that is wrong, each with the character (counted from 1) where it stands.
  [[nodiscard]] static std::expected<CompiledText, std::vector<std::string>> compile(std::string_view utf8,
                                                                                     Formats& formats);

  CompiledText(CompiledText&&) noexcept;
  CompiledText& operator=(CompiledText&&) noexcept;
  ~CompiledText();

  /// Appends the text, its times as clocks in `zone` show them.
  void render(const Filling& filling, const date::time_zone& zone, const Formats& formats, std::string& out) const;

  /// What every rendering shows of the event time, whichever branches it takes.
  [[nodiscard]] DateFields event_time_fields() const;

  /// Whether the argument's value is written in some rendering, and whether in every one.
  [[nodiscard]] bool may_show(const Argument& argument) const;
  [[nodiscard]] bool always_shows(const Argument& argument) const;

  /// Everything written in the pattern itself, in order: what `find` says of the first piece of it where it says
  /// anything.
  [[nodiscard]] std::string find_in_literals(const std::function<std::string(std::string_view)>& find) const;

  /// How amounts are written here, each way once.
  [[nodiscard]] std::set<MoneyStyle> money_styles() const;

 private:
  explicit CompiledText(Nodes nodes);
  Nodes nodes_;
};

/// Text as it is.
struct Literal {
  std::string text;
};
/// A text or a whole number as it is; the number less `offset`, which is not 0 only for `#` in a plural.
struct Plain {
  const Argument* argument = nullptr;
  std::int64_t offset = 0;
};
struct Money {
  const Argument* argument = nullptr;
  MoneyStyle style = MoneyStyle::symbol;
};
struct Date {
  const Argument* argument = nullptr;
  const DateStyle* style = nullptr;
};
/// One branch of a select or plural.
struct Branch {
  std::string key;
  Nodes nodes;
};
struct Select {
  const Argument* argument = nullptr;
  std::vector<Branch> branches;  ///< one has the key `other`
};
struct Plural {
  const Argument* argument = nullptr;
  bool ordinal = false;
  std::int64_t offset = 0;
  std::vector<Branch> branches;  ///< keys are categories and `=N`; one is `other`
};
struct Node {
  std::variant<Literal, Plain, Money, Date, Select, Plural> value;
};

}  // namespace dun::messages
