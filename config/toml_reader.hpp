// Reading TOML so that an operator is told every mistake at once: file, line, column, and what was expected.
//
// A loader asks a Section for the keys it knows, with the type and the bounds that it accepts. What is absent leaves
// the target as it was, so that an options struct's own defaults hold. What is wrong becomes a Mistake and leaves the
// target alone too; the loader goes on. The keys that were asked for are the known ones: at the end Document::finish()
// reports every other key, with the nearest known one. So ask for all keys on every path.
#pragma once

#include "config/mistake.hpp"
#include "domain/time.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dun::config {

struct TomlNode;   // of a parsed file; defined in toml_reader.cpp
struct TomlState;  // of a Document

/// A word of a file with its location, for mistakes that show only when words are compared.
struct Word {
  std::string text;
  Location location;
  friend bool operator==(const Word&, const Word&) = default;
};

/// What a value is written as, for keys that take more than one form.
enum class Form : std::uint8_t { absent, text, flag, integer, number, other, list, table };

/// Whether a secret that is not there is a mistake. For commands that need none it reads as `secret`.
enum class Secrets : bool { optional, required };

/// A table of a file, or nothing where the file has no such table: then every read leaves its target alone.
/// A cheap handle; valid as long as its Document.
///
/// Every `read_*` returns whether the key is there and right.
class Section {
 public:
  [[nodiscard]] explicit operator bool() const { return node_ != nullptr; }
  /// How the file names it, `quiet_hours.window`; empty for the file itself.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& file() const;
  [[nodiscard]] Location location() const;
  /// Of the key's value, or of the section where the key is absent.
  [[nodiscard]] Location location(std::string_view key) const;

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] Form form(std::string_view key) const;
  /// All keys in the order of the file. They count as known: use it where names are the author's own.
  [[nodiscard]] std::vector<Word> keys() const;

  bool read_text(std::string_view key, std::string& target) const;
  bool read_bool(std::string_view key, bool& target) const;
  bool read_int(std::string_view key, int& target, int min = std::numeric_limits<int>::min(),
                int max = std::numeric_limits<int>::max()) const;
  bool read_number(std::string_view key, double& target, double min, double max) const;
  /// A span of time, `"90s"`, `"10m"`, `"1h30m"`; both bounds are allowed values.
  bool read_span(std::string_view key, Millis& target, Millis min = Millis(0), Millis max = Millis::max()) const;
  /// A wall time, `"22:00"`, as minutes since midnight.
  bool read_wall_time(std::string_view key, std::chrono::minutes& target) const;
  /// A text that may hold secrets, relative to the file that is read: see expand_secrets.
  bool read_secret(std::string_view key, Secrets secrets, std::string& target) const;

  bool read_texts(std::string_view key, std::vector<std::string>& target) const;
  bool read_ints(std::string_view key, std::vector<int>& target, int min, int max) const;
  /// One word or a list of words, each a text or a whole number: `status = [200, "5xx"]`.
  bool read_words(std::string_view key, std::vector<Word>& target) const;

  /// One of `names`, which are in the order of the enumeration, as domain/vocabulary.hpp gives them.
  template <typename Enum>
  bool read_choice(std::string_view key, Enum& target, std::span<const std::string_view> names) const {
    std::size_t index = 0;
    if (!read_index(key, index, names)) return false;
    target = static_cast<Enum>(index);
    return true;
  }
  /// A list of `names`, each at most once.
  template <typename Enum>
  bool read_choices(std::string_view key, std::vector<Enum>& target, std::span<const std::string_view> names) const {
    std::vector<std::size_t> indices;
    if (!read_indices(key, indices, names)) return false;
    target.clear();
    for (const std::size_t index : indices) target.push_back(static_cast<Enum>(index));
    return true;
  }

  /// The table of that name, or an absent section.
  [[nodiscard]] Section section(std::string_view key) const;
  /// The tables of an array of tables, `[[key]]`.
  [[nodiscard]] std::vector<Section> sections(std::string_view key) const;

  /// Reports a mistake where the key is absent. Says nothing in a section that is absent itself.
  bool require(std::string_view key, std::string_view what_it_is) const;
  void mistake(std::string_view key, std::string message) const { mistake(location(key), std::move(message)); }
  void mistake(Location location, std::string message) const;

 private:
  friend class Document;
  Section(TomlState* state, const TomlNode* node, std::string path)
      : state_(state), node_(node), path_(std::move(path)) {}

  [[nodiscard]] const TomlNode* find(std::string_view key) const;
  /// Reports `expected WHAT` at the node and returns false.
  bool expected(const TomlNode& node, std::string_view key, std::string_view what) const;
  /// The elements of a list, or reports that it is none.
  [[nodiscard]] const std::vector<TomlNode>* find_list(std::string_view key, std::string_view what) const;
  bool read_index(std::string_view key, std::size_t& target, std::span<const std::string_view> names) const;
  bool read_indices(std::string_view key, std::vector<std::size_t>& target,
                    std::span<const std::string_view> names) const;
  bool choose(const TomlNode& node, std::string_view key, std::size_t& target,
              std::span<const std::string_view> names) const;

  TomlState* state_;
  const TomlNode* node_;  ///< none: absent
  std::string path_;
};

/// One TOML file that is being read. Owns what its Sections look at; `mistakes` must outlive it.
class Document {
 public:
  /// Reads the file. One that cannot be read, or is no TOML, is a mistake and has an absent root.
  static Document open(const std::filesystem::path& path, Mistakes& mistakes);
  /// The same of a text that is at hand; `name` stands in mistakes for the file, and its directory is where
  /// `{file:PATH}` begins.
  Document(std::string_view text, std::string name, Mistakes& mistakes);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  [[nodiscard]] Section root() const;
  /// Reports the keys that nobody asked for.
  void finish() const;
  /// The contents without what does not count (comments, order, layout, places): equal for files that say the same.
  /// Without what stands in the table `but`.
  [[nodiscard]] std::string canonical(std::string_view but = "") const;
  /// What the secrets held that were read, for whoever must notice that a file of one has changed. Not to be shown.
  [[nodiscard]] const std::string& secrets() const;

 private:
  explicit Document(std::unique_ptr<TomlState> state);
  std::unique_ptr<TomlState> state_;
};

/// What a file with a secret holds, without the line end at its end; at most 64 KiB. The error names file and reason.
[[nodiscard]] std::expected<std::string, std::string> read_secret_file(const std::filesystem::path& path);

/// `text` with each `{env:NAME}` replaced by that environment variable (`{env:NAME:-x}` is x where it is not set), and
/// each `{file:PATH}` by the contents of that file; relative paths begin at `directory`. Other braces stay. The error
/// names what is missing and never holds a secret.
[[nodiscard]] std::expected<std::string, std::string> expand_secrets(std::string_view text, Secrets secrets,
                                                                     const std::filesystem::path& directory);

}  // namespace dun::config
