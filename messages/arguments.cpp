#include "messages/arguments.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace dun::messages {
namespace {

using Context = MessageContext;

template <typename T>
Value known(const std::optional<T>& value) {
  if (!value) return std::monostate();
  return *value;
}

Value known(const std::string& text) {
  if (text.empty()) return std::monostate();
  return std::string_view(text);
}

/// Billing signs a debt with a minus; people are told what they owe as a positive amount.
Value owed(const Context& context) {
  if (!context.balance || !context.balance->negative()) return std::monostate();
  return -*context.balance;
}

using enum ArgumentType;
constexpr bool always = false;
constexpr bool optional = true;

constexpr std::array arguments = {
    Argument{"event_time", instant, always, [](const Context& c) -> Value { return c.event_time; },
             "when it became true in billing; every text must show it, to the minute"},
    Argument{"now", instant, always, [](const Context& c) -> Value { return c.now; }, "when the text is sent"},
    Argument{"account", text, always, [](const Context& c) -> Value { return std::string_view(c.account.str()); },
             "the billing account"},
    Argument{"brand", text, optional, [](const Context& c) { return known(c.brand); }, "brand code of the account"},
    Argument{"owed", money, optional, owed, "what the customer owes, positive; none if nothing is owed or known"},
    Argument{"balance", money, optional, [](const Context& c) { return known(c.balance); },
             "the balance as billing signs it, negative is owed"},
    Argument{"amount", money, optional, [](const Context& c) { return known(c.amount); },
             "the amount of the payment, refund or charge"},
    Argument{"currency", text, optional, [](const Context& c) { return known(c.currency); },
             "ISO 4217 code; amounts bring it along by themselves"},
    Argument{"due_at", instant, optional, [](const Context& c) { return known(c.due_at); }, "when payment is due"},
    Argument{"suspend_at", instant, optional, [](const Context& c) { return known(c.suspend_at); },
             "when billing will suspend the service"},
    Argument{"exhausts_at", instant, optional, [](const Context& c) { return known(c.exhausts_at); },
             "when the balance will be used up"},
    Argument{"charge_at", instant, optional, [](const Context& c) { return known(c.charge_at); },
             "when the charge will be made"},
    Argument{"product", text, optional, [](const Context& c) { return known(c.product); }, "what is charged for"},
    Argument{"manager_name", text, optional, [](const Context& c) { return known(c.manager_name); },
             "the account manager"},
    Argument{"customer_msisdn", text, optional, [](const Context& c) { return known(c.customer_msisdn); },
             "the customer's number"},
    Argument{"task", text, optional, [](const Context& c) { return known(c.task.str()); },
             "id of the account manager's task"},
    Argument{"state", word, always, [](const Context& c) -> Value { return to_text(c.state); },
             "the credit state: clear low arrears suspension_due suspended"},
    Argument{"step", number, always, [](const Context& c) -> Value { return std::int64_t{c.step}; },
             "the dunning step, 0 where a kind has none"},
    Argument{"credit_level", number, always, [](const Context& c) -> Value { return std::int64_t{c.credit_level}; },
             "the customer's credit level"},
};

constexpr auto names = [] {
  std::array<std::string_view, arguments.size()> list{};
  std::ranges::transform(arguments, list.begin(), &Argument::name);
  return list;
}();

}  // namespace

std::span<const Argument> all_arguments() {
  return arguments;
}

std::span<const std::string_view> argument_names() {
  return names;
}

const Argument* find_argument(std::string_view name) {
  const auto* const at = std::ranges::find(arguments, name, &Argument::name);
  return at == arguments.end() ? nullptr : &*at;
}

const Argument& event_time_argument() {
  static_assert(arguments.front().name == "event_time");
  return arguments.front();
}

}  // namespace dun::messages
