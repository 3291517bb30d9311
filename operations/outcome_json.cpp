#include "operations/outcome_json.hpp"

#include "base/json/as_string.hpp"
#include "base/text/visible.hpp"

#include <algorithm>

namespace dun::operations {
namespace {

bool plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void append_string(std::string_view text, std::string& out) {
  if (plain(text)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  out += to_visible_json(json::as_string(text));
}

void append_list(const std::vector<std::string>& texts, std::string& out) {
  char separator = '[';
  for (const std::string& text : texts) {
    out += separator;
    separator = ',';
    append_string(text, out);
  }
  out += ']';
}

}  // namespace

void append_json_line(const Outcome& outcome, std::string& out) {
  char separator = '{';
  for (const auto& [name, value] : to_fields(outcome)) {
    out += separator;
    separator = ',';
    append_string(name, out);
    out += ':';
    if (name == "reasons")
      append_list(outcome.reasons, out);
    else if (is_number_field(name))
      out += value;
    else
      append_string(value, out);
  }
  out += "}\n";
}

}  // namespace dun::operations
