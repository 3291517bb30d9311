// dun: one program, every command a file of its own (contract section 5).
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

using namespace dun;

int main(int argc, char** argv) {
  // A reader that goes away (`dun outcomes | head`) ends a write with an error, not the program with a signal.
  std::signal(SIGPIPE, SIG_IGN);
  tools::open_standard_files();
  CLI::App app{"Dun decides which customer is told what and when about their credit, and sends it by SMS."};
  app.name("dun");
  app.require_subcommand(1);
  app.footer("`dun help COMMAND` says more about one of them, `dun check --describe` what the policies mean.");
  app.set_version_flag("--version", "dun " DUN_VERSION);
  int exit_code = 0;
  add_up_command(app, exit_code);
  add_serve_command(app, exit_code);
  add_check_command(app, exit_code);
  add_publish_command(app, exit_code);
  add_simulate_command(app, exit_code);
  add_explain_command(app, exit_code);
  add_status_command(app, exit_code);
  add_outcomes_command(app, exit_code);
  add_rejected_command(app, exit_code);
  add_streams_command(app, exit_code);
  add_text_command(app, exit_code);
  add_sample_command(app, exit_code);
  add_load_command(app, exit_code);
  add_gateway_sim_command(app, exit_code);
  add_help_commands(app, exit_code);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (const auto named = tools::find_command(app, words); !named.unknown.empty()) {
    tools::complain("{}\n", tools::no_such_command(*named.command, named.unknown));
    return tools::finish_output(2);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version end with 0, anything else is wrong use.
    std::ostringstream out;
    std::ostringstream err;
    exit_code = app.exit(error, out, err) == 0 ? 0 : 2;
    tools::write(out.str());
    tools::output::write_error(err.str());
  } catch (const std::exception& error) {
    tools::complain("dun: {}\n", error.what());
    exit_code = 1;
  }
  return tools::finish_output(exit_code);
}
