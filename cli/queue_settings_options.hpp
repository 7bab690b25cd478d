#pragma once
// The settings of a queue as command line options, for create and update.

#include "baton/queue.hpp"

#include <memory>

namespace CLI {
class App;
}

namespace baton::cli {

/// Declares the options; the settings are filled in while the command line is parsed.
std::shared_ptr<QueueSettings> add_settings_options(CLI::App& command);

}  // namespace baton::cli
