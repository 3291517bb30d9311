// Where things are by default.
#pragma once

#include <filesystem>

namespace dun::tools {

/// The running program.
[[nodiscard]] std::filesystem::path program();

/// `$DUN_CONFIG`, else `./config` if it holds a dun.toml, else the `config` of the checkout the program was built in,
/// else `/etc/dun`.
[[nodiscard]] std::string default_config();

}  // namespace dun::tools
