#include "messages/pattern.hpp"

#include "domain/assert.hpp"
#include "messages/segmentation.hpp"

#include <algorithm>
#include <utility>

#include <date/tz.h>
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
  const MessageContext& context;
  const date::time_zone& zone;
  const Formats& formats;
  std::string& out;

  void operator()(const Nodes& nodes) const {
    for (const Node& node : nodes) std::visit(*this, node.value);
  }
  void operator()(const Literal& literal) const { out += literal.text; }
  void operator()(const Plain& plain) const {
    const Value value = plain.argument->value(context);
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
      formats.append_number(*number - plain.offset, out);
    } else {
      out += std::get<std::string_view>(value);
    }
  }
  void operator()(const Money& money) const {
    const Value value = money.argument->value(context);
    formats.append_money(money.style, std::get<Amount>(value), context.currency, out);
  }
  void operator()(const Date& date) const {
    const auto instant = std::get<Instant>(date.argument->value(context));
    const auto offset = zone.get_info(date::floor<std::chrono::seconds>(instant)).offset;
    formats.append_date(*date.style, instant + offset, out);
  }
  void operator()(const Select& select) const {
    const Value value = select.argument->value(context);
    (*this)(branch(select.branches, select_key(value)));
  }
  void operator()(const Plural& plural) const {
    const auto number = std::get<std::int64_t>(plural.argument->value(context));
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

std::string_view outside_gsm7(const Nodes& nodes);

std::string_view outside_gsm7(const std::vector<Branch>& branches) {
  for (const Branch& branch : branches)
    if (const auto found = outside_gsm7(branch.nodes); !found.empty()) return found;
  return {};
}

std::string_view outside_gsm7(const Nodes& nodes) {
  for (const Node& node : nodes) {
    const auto found = std::visit(Overloaded{[](const Literal& literal) { return first_outside_gsm7(literal.text); },
                                             [](const Select& select) { return outside_gsm7(select.branches); },
                                             [](const Plural& plural) { return outside_gsm7(plural.branches); },
                                             [](const auto&) { return std::string_view(); }},
                                  node.value);
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace

Pattern::Pattern(Nodes nodes) : nodes_(std::move(nodes)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

void Pattern::render(const MessageContext& context, const date::time_zone& zone, const Formats& formats,
                     std::string& out) const {
  Renderer{.context = context, .zone = zone, .formats = formats, .out = out}(nodes_);
}

DateFields Pattern::event_time_fields() const {
  return shown(nodes_);
}

std::string_view Pattern::first_outside_gsm7() const {
  return outside_gsm7(nodes_);
}

}  // namespace dun::messages
