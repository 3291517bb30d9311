#include "messages/arguments.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace dun::messages {
namespace {

template <typename T>
Value known(const std::optional<T>& value) {
  if (!value) return std::monostate();
  return *value;
}

Value known(const std::string& text) {
  if (text.empty()) return std::monostate();
  return std::string_view(text);
}

Value money_of(const std::optional<Amount>& amount, const std::string& currency) {
  if (!amount) return std::monostate();
  return MoneyValue{.amount = *amount, .currency = currency};
}

using enum ArgumentType;
constexpr bool always = false;
constexpr bool optional = true;

constexpr std::array arguments = {
    Argument{"event_time", instant, always, [](const Filling& f) -> Value { return f.message.event_time; },
             "when it became true in billing; every text must show it, to the minute"},
    Argument{"now", instant, always, [](const Filling& f) -> Value { return f.message.now; }, "when the text is sent"},
    Argument{"account", text, always,
             [](const Filling& f) -> Value { return std::string_view(f.message.account.str()); },
             "the billing account"},
    Argument{"brand", text, optional, [](const Filling& f) { return known(f.message.brand); },
             "brand code of the account, to tell brands apart"},
    Argument{"brand_name", text, optional, [](const Filling& f) { return known(f.sender.name); },
             "the name of its brand, from [brand.CODE], else from the top of the file"},
    Argument{"pay", text, optional, [](const Filling& f) { return known(f.sender.pay); },
             "where to pay, by brand like its name"},
    Argument{"call", text, optional, [](const Filling& f) { return known(f.sender.call); },
             "the number to call, by brand like its name"},
    Argument{"owed", money, optional, [](const Filling& f) { return money_of(f.message.owed, f.message.currency); },
             "what has to be paid, positive; none if nothing is owed or known"},
    Argument{"credit_limit", money, optional,
             [](const Filling& f) { return money_of(f.message.credit_limit, f.message.currency); },
             "the credit limit, where what is owed is what lies beyond it"},
    Argument{"balance", money, optional,
             [](const Filling& f) { return money_of(f.message.balance, f.message.currency); },
             "the balance as billing signs it, negative is owed"},
    Argument{"as_of", instant, optional, [](const Filling& f) { return known(f.message.as_of); },
             "when owed, credit_limit and balance became true, where that is not event_time"},
    Argument{"amount", money, optional,
             [](const Filling& f) { return money_of(f.message.amount, f.message.amount_currency); },
             "the amount of the payment, refund or charge"},
    Argument{"currency", text, optional, [](const Filling& f) { return known(f.message.currency); },
             "ISO 4217 code of owed, credit_limit and balance; amounts bring theirs along by themselves"},
    Argument{"due_at", instant, optional, [](const Filling& f) { return known(f.message.due_at); },
             "when payment is due"},
    Argument{"suspend_at", instant, optional, [](const Filling& f) { return known(f.message.suspend_at); },
             "when billing will suspend the service"},
    Argument{"exhausts_at", instant, optional, [](const Filling& f) { return known(f.message.exhausts_at); },
             "when the balance will be used up"},
    Argument{"charge_at", instant, optional, [](const Filling& f) { return known(f.message.charge_at); },
             "when the charge will be made"},
    Argument{"product", text, optional, [](const Filling& f) { return known(f.message.product); },
             "what is charged for"},
    Argument{"manager_name", text, optional, [](const Filling& f) { return known(f.message.manager_name); },
             "the account manager"},
    Argument{"customer_msisdn", text, optional, [](const Filling& f) { return known(f.message.customer_msisdn); },
             "the customer's number"},
    Argument{"task", text, optional, [](const Filling& f) { return known(f.message.task.str()); },
             "id of the account manager's task"},
    Argument{"state", word, always, [](const Filling& f) -> Value { return to_text(f.message.state); },
             "the credit state: clear low arrears suspension_due suspended", credit_state_names},
    Argument{"reason", word, always, [](const Filling& f) -> Value { return to_text(f.message.reason); },
             "why the service was or will be stopped: debt fraud own_wish other", suspension_reason_names},
    Argument{"step", number, always, [](const Filling& f) -> Value { return std::int64_t{f.message.step}; },
             "the dunning step, 0 where a kind has none", nullptr, 0, step_max},
    Argument{"credit_level", number, always,
             [](const Filling& f) -> Value { return std::int64_t{f.message.credit_level}; },
             "the customer's credit level", nullptr, std::numeric_limits<std::int32_t>::min(),
             std::numeric_limits<std::int32_t>::max()},
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
