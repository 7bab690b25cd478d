#pragma once
// What can be set about the daemon: one table in options.cpp, four sources (flag > environment > file > default).
// Unknown keys and bad values are errors that name them and where they stand.

#include "server/daemon/address.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::daemon {

struct Options {
    std::string data_dir;
    Address listen;
    /// Absent: no HTTP listener.
    std::optional<Address> http;
    std::string log_level;
    bool log_json = false;
    bool insecure_remote = false;
    std::int64_t session_grace_ms = 0;
    std::uint64_t block_cache_bytes = 0;
    std::uint64_t write_buffer_bytes = 0;
    bool accept_data_loss = false;
    bool accept_clock = false;
    bool virtual_clock = false;
    /// 0 = the store's default.
    std::uint64_t reserve_bytes = 0;
    std::int64_t shutdown_timeout_ms = 0;
};

class OptionError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One setting as it came out: for --print-config.
struct EffectiveOption {
    std::string key;
    std::string value;
    /// `default`, `flag`, `environment BATON_X` or `file F`.
    std::string source;
    bool is_text = true;
};

struct CommandLine {
    Options options;
    std::vector<EffectiveOption> effective;
    bool print_config = false;
    /// Text to print instead of running: help or version.
    std::string print_and_exit;
    /// Environment variables that look like settings of the daemon and are none.
    std::vector<std::string> unknown_environment;
};

/// A look into the environment, given so that tests have their own: all variables as NAME=VALUE.
using Environment = std::vector<std::string>;
Environment process_environment();

/// Reads all four sources. Throws OptionError.
CommandLine read_options(const std::vector<std::string>& arguments, const Environment& environment);

/// The effective settings as a TOML file, each with its source in a comment.
std::string print_config(const CommandLine& command_line);

}  // namespace baton::daemon
