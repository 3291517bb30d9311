#include "tools/manual.hpp"

#include "base/text/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dun::tools {
namespace {

/// Commands that the contract names and this version does not have.
constexpr std::array<std::string_view, 10> planned = {"alerts", "apply",    "diff",   "feed",  "forecast",
                                                      "ledger", "policies", "report", "tasks", "users"};

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

const CLI::App* command_called(const CLI::App& app, const std::string& name) {
  for (const CLI::App* each : commands_of(app))
    if (each->get_name() == name) return each;
  return nullptr;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return !option->get_positional(); });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

/// `dun rejected list`
std::string path_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

/// Calls `each(app, path without the program)` for the program and every command below it.
template <typename Each>
void for_each_command(const CLI::App& app, const std::string& path, const Each& each) {
  each(app, path);
  for (const CLI::App* below : commands_of(app))
    for_each_command(*below, path.empty() ? below->get_name() : path + " " + below->get_name(), each);
}

/// One line of text for the man macros.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
  }
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

void append_literal(std::string& page, std::string_view text) {
  page += ".nf\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    page += roff(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  page += ".fi\n";
}

void append_options(std::string& page, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const bool positional = option->get_positional();
    const std::string name =
        positional ? option->get_name(true) : fmt::format("{}", fmt::join(names_of(*option), ", "));
    page += fmt::format(".TP\n\\fB{}\\fR", roff(name));
    if (!positional && option->get_items_expected_max() > 0)
      page += fmt::format(" \\fI{}\\fR", roff(option->get_type_name()));
    page += "\n" + roff(option->get_description());
    if (const std::string& value = option->get_default_str(); !value.empty())
      page += fmt::format(" (default: {})", roff(value));
    page += "\n";
  }
}

void append_command(std::string& page, const CLI::App& command) {
  page += fmt::format(".SH {}\n{}.\n", roff(path_of(command)), roff(command.get_description()));
  append_options(page, command);
  if (!command.get_footer().empty()) {
    page += ".PP\n";
    append_literal(page, command.get_footer());
  }
}

}  // namespace

NamedCommand find_command(const CLI::App& program, std::span<const std::string> words) {
  NamedCommand named{.command = &program, .unknown = {}};
  for (const std::string& word : words) {
    if (word.starts_with('-') || commands_of(*named.command).empty()) break;
    const CLI::App* next = command_called(*named.command, word);
    if (next == nullptr) {
      named.unknown = word;
      break;
    }
    named.command = next;
  }
  return named;
}

std::string no_such_command(const CLI::App& parent, const std::string& word) {
  const std::string path = path_of(parent);
  if (parent.get_parent() == nullptr && std::ranges::find(planned, word) != planned.end())
    return fmt::format("{} {}: this version does not have that command yet; `{} --help` lists those it has", path, word,
                       path);
  std::vector<std::string_view> names;
  for (const CLI::App* each : commands_of(parent)) names.push_back(each->get_name());
  const std::string_view near = nearest(word, names);
  return fmt::format(
      "{}: there is no command \"{}\"; {}", path, word,
      near.empty() ? fmt::format("there are: {}", fmt::join(names, ", ")) : fmt::format("did you mean \"{}\"?", near));
}

std::string help_of(const CLI::App& command) {
  return command.get_formatter()->make_help(&command, path_of(command), CLI::AppFormatMode::Normal);
}

std::string bash_completion(const CLI::App& program) {
  std::string paths;
  std::string cases;
  for_each_command(program, "", [&](const CLI::App& app, const std::string& path) {
    std::vector<std::string> words;
    for (const CLI::App* below : commands_of(app)) words.push_back(below->get_name());
    for (const CLI::Option* option : options_of(app))
      for (std::string& name : names_of(*option)) words.push_back(std::move(name));
    if (!path.empty()) paths += fmt::format("{}\"{}\"", paths.empty() ? "" : " | ", path);
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, fmt::join(words, " "));
  });
  const std::string& name = program.get_name();
  return fmt::format(R"(# bash completion for {0}; read it with: source <({0} completion bash)
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path="" words="" word next
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    next="${{path:+$path }}$word"
    case $next in
    {1}) path=$next ;;
    esac
  done
  case $path in
{2}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ ${{#COMPREPLY[@]}} -eq 0 && $current != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}}
complete -o filenames -F _{0} {0}
)",
                     name, paths, cases);
}

std::string man_page(const CLI::App& command, const std::string& version) {
  std::string name = path_of(command);
  std::ranges::replace(name, ' ', '-');
  std::string upper = name;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string page = fmt::format(".TH {} 1 \"\" \"{}\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n\\fB{}\\fR", roff(upper),
                                 roff(version), roff(name), roff(command.get_description()), roff(path_of(command)));
  page += commands_of(command).empty() ? "" : " \\fICOMMAND\\fR";
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) page += fmt::format(" \\fI{}\\fR", roff(option->get_name(true)));
  page += " [options]\n.SH OPTIONS\n";
  append_options(page, command);
  if (!command.get_footer().empty()) {
    page += ".SH NOTES\n";
    append_literal(page, command.get_footer());
  }
  for (const CLI::App* below : commands_of(command))
    for_each_command(*below, "", [&](const CLI::App& each, const std::string&) { append_command(page, each); });
  return page;
}

void set_footer(CLI::App& command, const std::vector<std::string>& examples, const std::string& notes) {
  std::string footer = examples.size() == 1 ? "Example:\n" : "Examples:\n";
  for (const std::string& example : examples) footer += "  " + example + "\n";
  if (!notes.empty()) footer += "\n" + notes;
  if (footer.ends_with('\n')) footer.pop_back();
  command.footer(footer);
}

}  // namespace dun::tools
