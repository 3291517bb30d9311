// Texts that show a reader everything a text may be made from, and that reader: what a customer would be told is what
// the checker judges, through rendering and all.
#pragma once

#include "messages/catalogue.hpp"

#include <map>
#include <optional>
#include <string>

namespace dun::test {

/// One text for all kinds, in one language: `event_time=20260326 1000|owed=CNY 50.00|state=arrears|` and so on.
[[nodiscard]] messages::Catalogue telling_catalogue();

/// An amount as a reader sees it.
struct ShownMoney {
  std::string currency;
  Amount amount;
  friend bool operator==(const ShownMoney&, const ShownMoney&) = default;
};

/// What a text of telling_catalogue() says. Of any other text nothing.
class ShownText {
 public:
  ShownText() = default;
  explicit ShownText(const std::string& text);
  [[nodiscard]] bool empty() const { return values_.empty(); }
  /// Empty where the text does not show it.
  [[nodiscard]] std::string word(const std::string& name) const;
  [[nodiscard]] std::optional<ShownMoney> money(const std::string& name) const;
  /// As read off the wall, to the minute.
  [[nodiscard]] std::optional<date::local_time<std::chrono::minutes>> time(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace dun::test
