// The commands of the `dun` program, one file each.
#pragma once

#include <CLI/CLI.hpp>

/// Adds the command to the program; when it has run, `exit_code` is 0 for success, 1 for a finding or failure, 2 for
/// wrong use.
void add_check_command(CLI::App& app, int& exit_code);
void add_explain_command(CLI::App& app, int& exit_code);
void add_gateway_sim_command(CLI::App& app, int& exit_code);
/// `dun help`, `dun completion` and `dun man`.
void add_help_commands(CLI::App& app, int& exit_code);
void add_load_command(CLI::App& app, int& exit_code);
void add_outcomes_command(CLI::App& app, int& exit_code);
void add_publish_command(CLI::App& app, int& exit_code);
void add_rejected_command(CLI::App& app, int& exit_code);
void add_sample_command(CLI::App& app, int& exit_code);
void add_serve_command(CLI::App& app, int& exit_code);
void add_simulate_command(CLI::App& app, int& exit_code);
void add_status_command(CLI::App& app, int& exit_code);
void add_streams_command(CLI::App& app, int& exit_code);
void add_text_command(CLI::App& app, int& exit_code);
void add_up_command(CLI::App& app, int& exit_code);
