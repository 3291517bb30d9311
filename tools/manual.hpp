// What the definitions of the commands are made into for people and shells: help for a word that names no command,
// completion, man pages. Nothing here is written twice: the definitions are CLI11's.
#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <vector>

namespace dun::tools {

/// What leading words of a command line name, and the first that names nothing where a command is expected.
struct NamedCommand {
  const CLI::App* command = nullptr;
  std::string unknown;
};
[[nodiscard]] NamedCommand find_command(const CLI::App& program, std::span<const std::string> words);

/// Why a word is no command: planned and not built yet, or unknown, with the nearest one.
[[nodiscard]] std::string no_such_command(const CLI::App& parent, const std::string& word);

/// What `--help` shows of it.
[[nodiscard]] std::string help_of(const CLI::App& command);

/// The script that `source <(dun completion bash)` reads.
[[nodiscard]] std::string bash_completion(const CLI::App& program);

/// The page of a command, or of the whole program, in the man macros; `version` stands at its foot.
[[nodiscard]] std::string man_page(const CLI::App& command, const std::string& version);

/// Sets the end of a command's help: an example or more, and what else is to be said.
void set_footer(CLI::App& command, const std::vector<std::string>& examples, const std::string& notes = {});

}  // namespace dun::tools
