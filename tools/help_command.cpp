// dun help, dun completion, dun man: what the definitions of the commands say.
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace dun;

struct HelpOptions {
  std::vector<std::string> words;
  std::string shell = "bash";
};

/// The command that the words name; none, with a sentence on standard error, if they name none.
const CLI::App* find(const CLI::App& program, const std::vector<std::string>& words) {
  const tools::NamedCommand named = tools::find_command(program, words);
  if (named.unknown.empty()) return named.command;
  tools::complain("{}\n", tools::no_such_command(*named.command, named.unknown));
  return nullptr;
}

}  // namespace

void add_help_commands(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<HelpOptions>();
  CLI::App* help = app.add_subcommand("help", "Show the help of the program or of one command");
  help->add_option("COMMAND", options->words, "Such as publish, or rejected list");
  tools::set_footer(*help, {"dun help publish"});
  help->callback([&app, options, &exit_code] {
    const CLI::App* command = find(app, options->words);
    if (command == nullptr)
      exit_code = 2;
    else
      tools::write(tools::help_of(*command));
  });

  CLI::App* completion = app.add_subcommand("completion", "Print what a shell needs to complete commands and options");
  completion->add_option("SHELL", options->shell, "The shell")->required()->check(CLI::IsMember({"bash"}));
  tools::set_footer(*completion, {"source <(dun completion bash)"});
  completion->callback([&app] { tools::write(tools::bash_completion(app)); });

  CLI::App* man = app.add_subcommand("man", "Print the man page of the program or of one command");
  man->add_option("COMMAND", options->words, "Such as publish, or rejected list");
  tools::set_footer(*man, {"dun man publish | man -l -", "dun man > /usr/local/share/man/man1/dun.1"});
  man->callback([&app, options, &exit_code] {
    const CLI::App* command = find(app, options->words);
    if (command == nullptr)
      exit_code = 2;
    else
      tools::write(tools::man_page(*command, app.version()));
  });
}
