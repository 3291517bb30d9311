// messages/LANG.toml: the texts people get, read into what messages::Catalogue compiles.
#pragma once

#include "config/mistake.hpp"
#include "config/toml_reader.hpp"
#include "messages/catalogue.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dun::config {

/// Reads one language: `gsm7_only`; who writes, `name`, `pay` and `call`; a table for each kind, `[dunning]`, with its
/// `text`; below it tables for ladder steps, `[dunning.2]`; and all but the first again for single brands below
/// `[brand.NAME]`. What is wrong with the patterns is left for the catalogue to say.
[[nodiscard]] messages::LanguageSource read_messages(const Section& root, std::string lang);

/// The same language once more for every tag in `regions`: the same texts, with that region's dates and amounts.
[[nodiscard]] std::vector<messages::LanguageSource> read_regions(const Section& root,
                                                                 const messages::LanguageSource& language);

/// Reads every `LANG.toml` in a directory, in order of name; the name is the language. A directory that is not there
/// or holds no such file is a mistake; of a file that cannot be read only the language is known.
[[nodiscard]] std::vector<messages::LanguageSource> load_messages(const std::filesystem::path& directory,
                                                                  Mistakes& mistakes);

/// Compiles the texts; what is wrong with them joins `mistakes`, and then there is no catalogue.
[[nodiscard]] std::optional<messages::Catalogue> compile_messages(const messages::CatalogueOptions& options,
                                                                  Mistakes& mistakes);

}  // namespace dun::config
