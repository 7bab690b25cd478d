#include "cli/header_option.hpp"

#include <stdexcept>

namespace baton::cli {

Header parse_header(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
        throw std::invalid_argument("'" + text + "' is no header: KEY=VALUE");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace baton::cli
