// What is right in every file by itself and wrong together.
#pragma once

#include "config/mistake.hpp"
#include "messages/catalogue.hpp"
#include "policies/options.hpp"

#include <filesystem>
#include <vector>

namespace dun::config {

/// Whether the texts suit the rules and the people: every step of the ladder says something of its own, so that the
/// last text is not sent twice, and everybody in people.toml is written to in their language.
void check_texts_fit(const std::filesystem::path& directory, const policies::PolicySet& policies,
                     const std::vector<messages::LanguageSource>& languages, Mistakes& mistakes);

}  // namespace dun::config
