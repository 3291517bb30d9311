#include "messages/compiled_text.hpp"

#include "base/assert.hpp"
#include "domain/zones.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace dun::messages {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

const Nodes& branch(const std::vector<Branch>& branches, std::string_view key) {
  auto at = std::ranges::find(branches, key, &Branch::key);
  if (at == branches.end()) at = std::ranges::find(branches, "other", &Branch::key);
  DUN_ASSERT(at != branches.end());
  return at->nodes;
}

/// The branch that a select takes: the text or word itself, `none` for what is missing, `other` for the rest.
std::string_view select_key(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "none";
  const auto* const text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return "other";
  return text->empty() ? "none" : *text;
}

struct Renderer {
  const Filling& filling;
  const date::time_zone& zone;
  const Formats& formats;
  std::string& out;

  void operator()(const Nodes& nodes) const {
    for (const Node& node : nodes) std::visit(*this, node.value);
  }
  void operator()(const Literal& literal) const { out += literal.text; }
  void operator()(const Plain& plain) const {
    const Value value = plain.argument->value(filling);
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
      formats.append_number(*number - plain.offset, out);
    } else {
      out += std::get<std::string_view>(value);
    }
  }
  void operator()(const Money& money) const {
    const Value value = money.argument->value(filling);
    const auto& [amount, currency] = std::get<MoneyValue>(value);
    formats.append_money(money.style, amount, currency, out);
  }
  void operator()(const Date& date) const {
    const auto instant = std::get<Instant>(date.argument->value(filling));
    formats.append_date(*date.style, instant + zone_data().offset(zone, instant), out);
  }
  void operator()(const Select& select) const {
    const Value value = select.argument->value(filling);
    (*this)(branch(select.branches, select_key(value)));
  }
  void operator()(const Plural& plural) const {
    const auto number = std::get<std::int64_t>(plural.argument->value(filling));
    const std::string exact = fmt::format("={}", number);
    const bool listed = std::ranges::find(plural.branches, exact, &Branch::key) != plural.branches.end();
    (*this)(branch(plural.branches, listed ? exact : formats.plural_category(number - plural.offset, plural.ordinal)));
  }
};

DateFields shown(const Nodes& nodes);

DateFields shown(const std::vector<Branch>& branches) {
  DateFields fields = date_field::all;
  for (const Branch& branch : branches) fields &= shown(branch.nodes);
  return fields;
}

DateFields shown(const Nodes& nodes) {
  DateFields fields = 0;
  for (const Node& node : nodes) {
    fields |= std::visit(
        Overloaded{[](const Date& d) { return d.argument == &event_time_argument() ? d.style->fields : DateFields{0}; },
                   [](const Select& select) { return shown(select.branches); },
                   [](const Plural& plural) { return shown(plural.branches); },
                   [](const auto&) { return DateFields{0}; }},
        node.value);
  }
  return fields;
}

/// Calls `visit` with every node, branches after the select that they are of, in the order of the text.
template <typename Visit>
void for_each(const Nodes& nodes, const Visit& visit) {
  for (const Node& node : nodes) {
    visit(node);
    const auto into = [&](const auto& choice) {
      for (const Branch& branch : choice.branches) for_each(branch.nodes, visit);
    };
    if (const auto* const select = std::get_if<Select>(&node.value)) into(*select);
    if (const auto* const plural = std::get_if<Plural>(&node.value)) into(*plural);
  }
}

bool writes(const Node& node, const Argument& argument) {
  return std::visit(Overloaded{[](const Literal&) { return false; },  //
                               [](const Select&) { return false; },   //
                               [](const Plural&) { return false; },
                               [&](const auto& written) { return written.argument == &argument; }},
                    node.value);
}

bool always_writes(const Nodes& nodes, const Argument& argument);

bool always_writes(const std::vector<Branch>& branches, const Argument& argument) {
  return std::ranges::all_of(branches, [&](const Branch& branch) { return always_writes(branch.nodes, argument); });
}

bool always_writes(const Nodes& nodes, const Argument& argument) {
  return std::ranges::any_of(nodes, [&](const Node& node) {
    return writes(node, argument) ||
           std::visit(Overloaded{[&](const Select& select) { return always_writes(select.branches, argument); },
                                 [&](const Plural& plural) { return always_writes(plural.branches, argument); },
                                 [](const auto&) { return false; }},
                      node.value);
  });
}

}  // namespace

CompiledText::CompiledText(Nodes nodes) : nodes_(std::move(nodes)) {}
CompiledText::CompiledText(CompiledText&&) noexcept = default;
CompiledText& CompiledText::operator=(CompiledText&&) noexcept = default;
CompiledText::~CompiledText() = default;

void CompiledText::render(const Filling& filling, const date::time_zone& zone, const Formats& formats,
                          std::string& out) const {
  Renderer{.filling = filling, .zone = zone, .formats = formats, .out = out}(nodes_);
}

DateFields CompiledText::event_time_fields() const {
  return shown(nodes_);
}

bool CompiledText::may_show(const Argument& argument) const {
  bool shows = false;
  for_each(nodes_, [&](const Node& node) { shows = shows || writes(node, argument); });
  return shows;
}

bool CompiledText::always_shows(const Argument& argument) const {
  return always_writes(nodes_, argument);
}

std::string CompiledText::find_in_literals(const std::function<std::string(std::string_view)>& find) const {
  std::string found;
  for_each(nodes_, [&](const Node& node) {
    const auto* const literal = std::get_if<Literal>(&node.value);
    if (found.empty() && literal != nullptr) found = find(literal->text);
  });
  return found;
}

std::set<MoneyStyle> CompiledText::money_styles() const {
  std::set<MoneyStyle> styles;
  for_each(nodes_, [&](const Node& node) {
    if (const auto* const money = std::get_if<Money>(&node.value)) styles.insert(money->style);
  });
  return styles;
}

}  // namespace dun::messages
