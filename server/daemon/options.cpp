#include "server/daemon/options.hpp"

#include "server/core/limits.hpp"
#include "server/daemon/option_values.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

namespace baton::daemon {

namespace {

/// Puts a value into the options; says what is wrong with it otherwise.
using Setter = std::string (*)(const std::string& value, Options& out);

struct Row {
    const char* key;
    const char* default_value;
    const char* value_name;
    const char* help;
    Setter set;
};

std::string set_bool(const std::string& value, bool& out) {
    const auto parsed = parse_bool(value);
    if (!parsed) {
        return "must be true or false";
    }
    out = *parsed;
    return {};
}

std::string set_size(const std::string& value, std::uint64_t least, std::uint64_t most, std::uint64_t& out) {
    const auto parsed = parse_size(value);
    if (!parsed || *parsed < least || *parsed > most) {
        return "must be a size such as 32MiB, from " + std::to_string(least) + " to " + std::to_string(most) + " bytes";
    }
    out = *parsed;
    return {};
}

std::string set_duration(const std::string& value, std::int64_t least, std::int64_t most, std::int64_t& out) {
    const auto parsed = parse_duration(value);
    if (!parsed || *parsed < least || *parsed > most) {
        return "must be a duration such as 5s or 250ms, from " + std::to_string(least) + " to " + std::to_string(most) +
               " ms";
    }
    out = *parsed;
    return {};
}

std::string set_address(const std::string& value, Address& out) {
    const auto parsed = parse_address(value);
    if (!parsed) {
        return "must be ADDR:PORT with a literal address, such as 127.0.0.1:7450 or [::1]:7450";
    }
    out = *parsed;
    return {};
}

std::string set_data_dir(const std::string& value, Options& out) {
    out.data_dir = value;
    return value.empty() ? "must name a directory" : "";
}
std::string set_listen(const std::string& value, Options& out) { return set_address(value, out.listen); }
std::string set_http(const std::string& value, Options& out) {
    out.http.reset();
    return value == "off" ? std::string{} : set_address(value, out.http.emplace());
}
std::string set_log_level(const std::string& value, Options& out) {
    static constexpr std::array known{"trace", "debug", "info", "warn", "error", "off"};
    out.log_level = value;
    return std::find(known.begin(), known.end(), value) == known.end()
               ? "must be trace, debug, info, warn, error or off"
               : "";
}
std::string set_log_format(const std::string& value, Options& out) {
    out.log_json = value == "json";
    return value == "json" || value == "text" ? "" : "must be text or json";
}
std::string set_insecure_remote(const std::string& value, Options& out) { return set_bool(value, out.insecure_remote); }
std::string set_accept_data_loss(const std::string& value, Options& out) {
    return set_bool(value, out.accept_data_loss);
}
std::string set_accept_clock(const std::string& value, Options& out) { return set_bool(value, out.accept_clock); }
std::string set_virtual_clock(const std::string& value, Options& out) { return set_bool(value, out.virtual_clock); }
std::string set_session_grace(const std::string& value, Options& out) {
    return set_duration(value, 0, core::limits::session_grace_ms_max, out.session_grace_ms);
}
std::string set_shutdown_timeout(const std::string& value, Options& out) {
    return set_duration(value, 100, 600'000, out.shutdown_timeout_ms);
}
std::string set_block_cache(const std::string& value, Options& out) {
    return set_size(value, 1ULL << 20, 1ULL << 40, out.block_cache_bytes);
}
std::string set_write_buffer(const std::string& value, Options& out) {
    return set_size(value, 1ULL << 20, 1ULL << 30, out.write_buffer_bytes);
}
std::string set_reserve(const std::string& value, Options& out) {
    return set_size(value, 0, 1ULL << 40, out.reserve_bytes);
}

/// The table of options. The flag is the key with dashes, the variable is BATON_ and the key in capitals.
constexpr std::array table{
    Row{"data_dir", "./baton-data", "DIR", "where everything is stored; made when it does not exist", set_data_dir},
    Row{"listen", "127.0.0.1:7450", "ADDR:PORT", "where clients connect; port 0 takes a free one", set_listen},
    Row{"http", "off", "ADDR:PORT|off", "where /healthz, /readyz and /metrics are served", set_http},
    Row{"log_level", "info", "LEVEL", "trace, debug, info, warn, error or off; to standard error", set_log_level},
    Row{"log_format", "text", "text|json", "one line or one JSON object per event", set_log_format},
    Row{"insecure_remote", "false", nullptr, "listen on other than loopback addresses without authentication",
        set_insecure_remote},
    Row{"session_grace", "5s", "DURATION", "how long a consumer session outlives a lost connection", set_session_grace},
    Row{"block_cache", "32MiB", "SIZE", "memory for blocks read from disk", set_block_cache},
    Row{"write_buffer", "16MiB", "SIZE", "memory for writes not yet in a sorted file", set_write_buffer},
    Row{"accept_data_loss", "false", nullptr, "start although acknowledged commits are missing or damaged",
        set_accept_data_loss},
    Row{"accept_clock", "false", nullptr, "start although the system clock is far behind the data", set_accept_clock},
    Row{"virtual_clock", "false", nullptr, "for tests: time moves only by `baton clock advance`", set_virtual_clock},
    Row{"reserve", "0", "SIZE", "disk space kept for settling when the disk is full; 0 picks it", set_reserve},
    Row{"shutdown_timeout", "10s", "DURATION", "how long a stop may take", set_shutdown_timeout},
};

/// Variables with our prefix that belong to others of the project.
constexpr std::array foreign_variables{"BATON_CONFIG", "BATON_KILLPOINT", "BATON_DRAIN_TIME", "BATON_SERVER",
                                       "BATON_OUTPUT"};

std::string flag_of(const Row& row) {
    std::string flag = std::string("--") + row.key;
    std::replace(flag.begin() + 2, flag.end(), '_', '-');
    return flag;
}
std::string variable_of(const Row& row) {
    std::string variable = std::string("BATON_") + row.key;
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return variable;
}

struct Found {
    std::string value;
    std::string source;
};
using FoundByKey = std::map<std::string, Found, std::less<>>;

std::string text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) {
        return text->get();
    }
    if (const auto* number = node.as_integer()) {
        return std::to_string(number->get());
    }
    if (const auto* truth = node.as_boolean()) {
        return truth->get() ? "true" : "false";
    }
    throw OptionError("must be a string, a number or a boolean");
}

void read_file(const std::string& file, FoundByKey& found) {
    toml::table parsed;
    try {
        parsed = toml::parse_file(file);
    } catch (const toml::parse_error& error) {
        std::ostringstream where;
        where << error.source().begin;
        throw OptionError(file + ": " + std::string(error.description()) + " (" + where.str() + ")");
    }
    for (const auto& [key, node] : parsed) {
        const std::string name(key.str());
        const auto row = std::find_if(table.begin(), table.end(), [&](const Row& r) { return name == r.key; });
        if (row == table.end()) {
            throw OptionError(file + ": unknown key '" + name + "'");
        }
        try {
            found[name] = Found{text_of(node), "file " + file};
        } catch (const OptionError& error) {
            throw OptionError(file + ": " + name + " " + error.what());
        }
    }
}

std::optional<std::string> variable(const Environment& environment, const std::string& name) {
    for (const std::string& entry : environment) {
        if (entry.starts_with(name + "=")) {
            return entry.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

void read_environment(const Environment& environment, FoundByKey& found, std::vector<std::string>& unknown) {
    for (const std::string& entry : environment) {
        const std::string name = entry.substr(0, entry.find('='));
        if (!name.starts_with("BATON_") ||
            std::find(foreign_variables.begin(), foreign_variables.end(), name) != foreign_variables.end()) {
            continue;
        }
        const auto row = std::find_if(table.begin(), table.end(), [&](const Row& r) { return name == variable_of(r); });
        if (row == table.end()) {
            unknown.push_back(name);
        } else {
            found[row->key] = Found{entry.substr(name.size() + 1), "environment " + name};
        }
    }
}

/// What was given by flag, and what the flags that are no settings say.
struct Flags {
    FoundByKey found;
    std::string config;
    bool print_config = false;
    std::string print_and_exit;
};

Flags read_flags(std::vector<std::string> arguments) {
    CLI::App app("The broker's daemon.", "batond");
    app.footer(
        "Every option can also be set by its environment variable (--listen: BATON_LISTEN) and in the file given by\n"
        "--config (listen = \"127.0.0.1:7450\"). A flag goes before the environment, the environment before the "
        "file.\n\n"
        "Example: batond --data-dir /var/lib/baton --listen 127.0.0.1:7450 --http 127.0.0.1:7451");
    Flags flags;
    std::array<std::string, table.size()> values;
    std::array<CLI::Option*, table.size()> options{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row& row = table[i];
        const std::string help = std::string(row.help) + " (default " + row.default_value + ")";
        options[i] =
            app.add_option(flag_of(row), values[i], help)->type_name(row.value_name ? row.value_name : "true|false");
        if (!row.value_name) {
            options[i]->expected(0, 1);
        }
    }
    bool version = false;
    app.add_option("--config", flags.config, "a TOML file with settings")->type_name("FILE");
    app.add_flag("--print-config", flags.print_config, "print the effective settings with their sources, and end");
    app.add_flag("--version", version, "print the version, and end");
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        flags.print_and_exit = app.help();
        return flags;
    } catch (const CLI::ParseError& error) {
        throw OptionError(error.what());
    }
    if (version) {
        flags.print_and_exit = "batond " BATON_VERSION "\n";
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (options[i]->count() > 0) {
            const bool bare = !table[i].value_name && values[i].empty();
            flags.found[table[i].key] = Found{bare ? "true" : values[i], "flag"};
        }
    }
    return flags;
}

bool is_text(const Row& row) { return row.value_name != nullptr; }

}  // namespace

Environment process_environment() {
    Environment environment;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        environment.emplace_back(*entry);
    }
    return environment;
}

CommandLine read_options(const std::vector<std::string>& arguments, const Environment& environment) {
    CommandLine out;
    Flags flags = read_flags(arguments);
    out.print_and_exit = flags.print_and_exit;
    out.print_config = flags.print_config;
    FoundByKey found;
    const std::string config = flags.config.empty() ? variable(environment, "BATON_CONFIG").value_or("") : flags.config;
    if (!config.empty()) {
        read_file(config, found);
    }
    read_environment(environment, found, out.unknown_environment);
    for (auto& [key, flag] : flags.found) {
        found[key] = std::move(flag);
    }
    for (const Row& row : table) {
        const auto given = found.find(row.key);
        const Found value = given == found.end() ? Found{row.default_value, "default"} : given->second;
        if (const std::string wrong = row.set(value.value, out.options); !wrong.empty()) {
            const std::string where = value.source == "flag" ? flag_of(row) : row.key + (" (" + value.source + ")");
            throw OptionError(where + ": '" + value.value + "' " + wrong);
        }
        out.effective.push_back(EffectiveOption{row.key, value.value, value.source, is_text(row)});
    }
    return out;
}

std::string print_config(const CommandLine& command_line) {
    std::ostringstream out;
    for (const EffectiveOption& option : command_line.effective) {
        out << option.key << " = ";
        if (option.is_text) {
            out << toml::value<std::string>(option.value);
        } else {
            out << (parse_bool(option.value).value_or(false) ? "true" : "false");
        }
        out << "  # " << option.source << '\n';
    }
    return out.str();
}

}  // namespace baton::daemon
