#pragma once
// A header as it is given on the command line.

#include "baton/message.hpp"

#include <string>

namespace baton::cli {

/// KEY=VALUE, of which the key is not empty. Throws std::invalid_argument.
Header parse_header(const std::string& text);

}  // namespace baton::cli
