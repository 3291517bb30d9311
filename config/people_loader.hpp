// people.toml: account managers and supervisors, read into policies::PeopleOptions.
#pragma once

#include "config/toml_reader.hpp"
#include "policies/options.hpp"

namespace dun::config {

/// Reads everybody, and checks that whom they name is listed. A person without a zone lives in `default_zone`.
void read_people(const Section& root, const std::string& default_zone, policies::PeopleOptions& people);

}  // namespace dun::config
