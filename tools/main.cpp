// dun: one program, every command a file of its own (CONTRACT section 5).
#include "tools/commands.hpp"

#include <csignal>
#include <exception>

int main(int argc, char** argv) {
  // A reader that goes away (`dun outcomes | head`) ends a write with an error, not the program with a signal.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Dun decides which customer is told what and when about their credit, and sends it by SMS."};
  app.name("dun");
  app.require_subcommand(1);
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version end with 0, anything else is wrong use.
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dun: %s\n", error.what());
    return 1;
  }
  return exit_code;
}
