#include "tests/config/every_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ranges>
#include <regex>
#include <sstream>

namespace dun::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view stranger = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  return {(std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>()};
}

/// `[a.b]`, and `[[a]]` for each array of tables on the way there.
std::string header_of(const std::string& table) {
  std::string plain, text;
  for (const auto part : std::views::split(table, '.')) {
    std::string name(part.begin(), part.end());
    const bool array = name.ends_with("[]");
    if (array) name.resize(name.size() - 2);
    plain += (plain.empty() ? "" : ".") + name;
    if (array) text += fmt::format("[[{}]]\n", plain);
  }
  return table.empty() || table.ends_with("[]") ? text : text + fmt::format("[{}]\n", plain);
}

/// The keys that the loader knows in that table; nothing where it looks for no table.
std::optional<std::vector<std::string>> keys_in(const ReadText& read, const std::string& table) {
  for (const config::Mistake& mistake : read(header_of(table) + std::string(stranger) + " = 1\n")) {
    const std::string beginning = fmt::format("unknown key \"{}\"", stranger);
    if (!mistake.message.starts_with(beginning)) continue;
    std::vector<std::string> keys;
    const std::size_t list = mistake.message.find("; expected one of: ");
    if (list == std::string::npos) return keys;
    std::istringstream words(mistake.message.substr(list + std::string_view("; expected one of: ").size()));
    for (std::string word; words >> word;) keys.push_back(word.substr(0, word.find(',')));
    return keys;
  }
  return std::nullopt;
}

void add_keys(const ReadText& read, const std::string& table, std::set<std::string>& keys) {
  for (const std::string& name : keys_in(read, table).value_or(std::vector<std::string>())) {
    const std::string key = table.empty() ? name : table + "." + name;
    // Where the loader names none, the names below are the author's own.
    if (!keys_in(read, key).value_or(std::vector<std::string>()).empty()) {
      add_keys(read, key, keys);
    } else if (keys_in(read, key + "[]")) {
      add_keys(read, key + "[]", keys);
    } else {
      keys.insert(key);
    }
  }
}

struct Split {
  std::string table, name;
};
Split split(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? Split{"", key} : Split{key.substr(0, dot), key.substr(dot + 1)};
}

using Lines = std::vector<std::string>;

/// The first line behind the header of the table, which is added where there is none.
Lines::iterator body_of(Lines& lines, std::string table) {
  if (table.empty()) return lines.begin();
  int index = 0;
  if (const std::size_t open = table.rfind('['); open != std::string::npos && table.ends_with("]")) {
    if (open + 2 < table.size()) index = std::stoi(table.substr(open + 1));
    table = table.substr(0, open) + "[]";
  }
  std::string header = header_of(table);
  header.resize(header.size() - 1);
  header.erase(0, header.rfind('\n') == std::string::npos ? 0 : header.rfind('\n') + 1);
  for (auto line = lines.begin(); line != lines.end(); ++line)
    if (*line == header && index-- == 0) return line + 1;
  lines.push_back(header);
  return lines.end();
}

void set(Lines& lines, const Setting& setting) {
  const auto [table, name] = split(setting.key);
  const auto body = body_of(lines, table);
  const auto end = std::find_if(body, lines.end(), [](const std::string& line) { return line.starts_with("["); });
  const auto found = std::find_if(body, end, [&](const std::string& line) { return line.starts_with(name + " = "); });
  if (setting.value.empty()) {
    if (found != end) lines.erase(found);
  } else if (found != end) {
    *found = name + " = " + setting.value;
  } else {
    lines.insert(body, name + " = " + setting.value);
  }
}

bool holds(const Lines& lines, const std::string& part) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.contains(part); });
}

}  // namespace

std::set<std::string> known_keys(const ReadText& read, const std::vector<std::string>& roots) {
  std::set<std::string> keys;
  for (const std::string& root : roots) add_keys(read, root, keys);
  return keys;
}

std::string with_settings(std::string text, const std::vector<Setting>& settings) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  for (const Setting& setting : settings) set(lines, setting);
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

std::string shipped_file(const std::string& name) {
  return read_file(fs::path(DUN_SOURCE_DIR) / "config" / name);
}

void expect_effect(const KeyRow& row, const std::string& file, const Story& story) {
  SCOPED_TRACE(row.key);
  const std::string given = with_settings(file, row.given);
  const Lines before = story(given);
  const Lines after = story(with_settings(given, row.changes));
  const auto both = [&] {
    return fmt::format("before:\n  {}\nafter:\n  {}", fmt::join(before, "\n  "), fmt::join(after, "\n  "));
  };
  EXPECT_FALSE(before.empty()) << "the story says nothing";
  EXPECT_TRUE(before != after) << "the key changes nothing\n" << both();
  if (row.said.empty()) return;
  const bool gone = row.said.starts_with("!");
  const std::string said = row.said.substr(gone ? 1 : 0);
  EXPECT_EQ(holds(before, said), gone) << said << "\n" << both();
  EXPECT_EQ(holds(after, said), !gone) << said << "\n" << both();
}

void expect_all_shown(const std::set<std::string>& known, const std::set<std::string>& shown) {
  EXPECT_GT(known.size(), 5U) << "the loader does not say what it knows";
  for (const std::string& key : known)
    EXPECT_TRUE(shown.contains(key)) << key << " has no test that shows its effect: give it a row";
  for (const std::string& key : shown) EXPECT_TRUE(known.contains(key)) << key << " is no key";
}

bool has_test(const std::string& name, const std::string& word) {
  const std::size_t dot = name.find('.');
  const std::string suite = name.substr(0, dot);
  const std::string own = name.substr(dot + 1);
  const bool python = suite == "integration";
  const std::regex declared(fmt::format(R"(TEST(_F|_P)?\({},\s*{}\))", suite, own));
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(DUN_SOURCE_DIR) / "tests")) {
    const fs::path& path = entry.path();
    if (python ? path.filename() != "test_" + own + ".py" : path.extension() != ".cpp") continue;
    const std::string text = read_file(path);
    if ((python || std::regex_search(text, declared)) && text.contains(word)) return true;
  }
  return false;
}

}  // namespace dun::test
