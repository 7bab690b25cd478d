#pragma once
// The settings of a queue as command line options, for create and update.

#include "baton/queue.hpp"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace baton::cli {

/// Declares the options; the settings are filled in while the command line is parsed.
std::shared_ptr<QueueSettings> add_settings_options(CLI::App& command);

/// "1000", "1000/24h", "1000/24h/64M"; 0 = no limit. Throws std::invalid_argument.
Retention parse_retention(const std::string& text);
/// "100/1s", "5000/1h"; "off" is no limit. Throws std::invalid_argument.
RateLimit parse_rate(const std::string& text);

}  // namespace baton::cli
