// What the tests of every key have in common: which keys there are, a file with one of them changed, and the
// comparison.
#pragma once

#include "config/mistake.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dun::test {

/// Reads a text as the loader of that file does.
using ReadText = std::function<config::Mistakes(const std::string& text)>;

/// Every key that a loader asks for: `vip.levels`, `caps[].kind` for those of an array of tables. Found by asking it
/// about one that it cannot know, for then it names those that it does; so a key that is new there is here too. Tables
/// whose names are the author's own (`gateways.sim.values`) are one key. `roots`: where to begin.
[[nodiscard]] std::set<std::string> known_keys(const ReadText& read, const std::vector<std::string>& roots = {""});

/// A key and what is written behind its equals sign; nothing: the key is taken away. `person[4].zone` is that of the
/// fifth person, `caps[].kind` that of the first or, where there is none, of a new one.
struct Setting {
  std::string key, value;
};

/// The text with these in place of, or besides, what it says.
[[nodiscard]] std::string with_settings(std::string text, const std::vector<Setting>& settings);

[[nodiscard]] std::string shipped_file(const std::string& name);

/// One key, one other value, and by what it shows. `said`: part of a line that is there with the value and not without
/// it, or behind a "!" the other way round; empty: any difference will do.
struct KeyRow {
  std::string key;
  std::vector<Setting> changes;
  std::string said;
  std::vector<Setting> given = {};  ///< what both sides say besides
};

/// What happens under a file with this text, in lines.
using Story = std::function<std::vector<std::string>(const std::string& text)>;

/// Fails unless the story goes otherwise with the row's changes, and as it says.
void expect_effect(const KeyRow& row, const std::string& file, const Story& story);

/// Fails for every known key without a row, and for every row of a key that is not known.
void expect_all_shown(const std::set<std::string>& known, const std::set<std::string>& shown);

/// Whether there is a test of that name (`Suite.name` of a program, or `integration.story`) in whose file `word`
/// occurs.
[[nodiscard]] bool has_test(const std::string& name, const std::string& word);

}  // namespace dun::test
