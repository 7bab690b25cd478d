#include "server/daemon/options.hpp"

#include "server/daemon/option_values.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace baton::daemon::test {

namespace {

/// A configuration file of this test's own.
class ConfigFile {
public:
    explicit ConfigFile(const std::string& text) {
        std::string pattern = (std::filesystem::temp_directory_path() / "baton-options-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        std::ofstream(path()) << text;
    }
    ~ConfigFile() { std::filesystem::remove_all(directory_); }
    std::string path() const { return (directory_ / "batond.toml").string(); }

private:
    std::filesystem::path directory_;
};

std::string error_of(const std::vector<std::string>& arguments, const Environment& environment = {}) {
    try {
        read_options(arguments, environment);
    } catch (const OptionError& error) {
        return error.what();
    }
    return {};
}

const EffectiveOption& effective(const CommandLine& line, const std::string& key) {
    for (const EffectiveOption& option : line.effective) {
        if (option.key == key) {
            return option;
        }
    }
    FAIL("no option " << key);
    return line.effective.front();
}

}  // namespace

TEST_CASE("the defaults are those of the documentation") {
    const CommandLine line = read_options({}, {});
    CHECK(line.options.data_dir == "./baton-data");
    CHECK(line.options.listen.host == "127.0.0.1");
    CHECK(line.options.listen.port == 7450);
    CHECK_FALSE(line.options.http);
    CHECK(line.options.session_grace_ms == 5'000);
    CHECK(line.options.block_cache_bytes == 32U << 20);
    CHECK_FALSE(line.options.insecure_remote);
    CHECK_FALSE(line.print_config);
}

TEST_CASE("a flag goes before the environment, and the environment before the file") {
    const ConfigFile file(
        "listen = \"127.0.0.1:1\"\nlog_level = \"error\"\nsession_grace = \"1s\"\ninsecure_remote = true\n");
    const CommandLine line = read_options({"--config", file.path(), "--listen", "127.0.0.1:3"},
                                          {"BATON_LISTEN=127.0.0.1:2", "BATON_LOG_LEVEL=debug", "PATH=/bin"});
    CHECK(line.options.listen.port == 3);
    CHECK(effective(line, "listen").source == "flag");
    CHECK(line.options.log_level == "debug");
    CHECK(effective(line, "log_level").source == "environment BATON_LOG_LEVEL");
    CHECK(line.options.session_grace_ms == 1'000);
    CHECK(line.options.insecure_remote);
    CHECK(effective(line, "session_grace").source == "file " + file.path());
    CHECK(effective(line, "http").source == "default");
}

TEST_CASE("the file can be named by the environment") {
    const ConfigFile file("data_dir = \"/var/lib/baton\"\n");
    CHECK(read_options({}, {"BATON_CONFIG=" + file.path()}).options.data_dir == "/var/lib/baton");
}

TEST_CASE("switches need no value") {
    CHECK(read_options({"--insecure-remote"}, {}).options.insecure_remote);
    CHECK(read_options({"--insecure-remote", "--accept-clock"}, {}).options.accept_clock);
    CHECK_FALSE(read_options({"--insecure-remote=false"}, {"BATON_INSECURE_REMOTE=1"}).options.insecure_remote);
}

TEST_CASE("unknown keys and bad values are errors that name them") {
    CHECK(error_of({"--no-such-flag"}).find("no-such-flag") != std::string::npos);
    CHECK(error_of({"--listen", "nowhere"}).find("--listen: 'nowhere'") != std::string::npos);
    CHECK(error_of({}, {"BATON_BLOCK_CACHE=much"}).find("BATON_BLOCK_CACHE") != std::string::npos);
    CHECK(error_of({"--session-grace", "25h"}).find("--session-grace") != std::string::npos);
    CHECK(error_of({"--log-format", "xml"}).find("text or json") != std::string::npos);
    CHECK(error_of({"--config", "/no/such/file"}).find("/no/such/file") != std::string::npos);

    const ConfigFile unknown("listen_on = \"x\"\n");
    const std::string unknown_error = error_of({"--config", unknown.path()});
    CHECK(unknown_error.find("listen_on") != std::string::npos);
    CHECK(unknown_error.find(unknown.path()) != std::string::npos);
    const ConfigFile bad("log_level = [1]\n");
    CHECK(error_of({"--config", bad.path()}).find("log_level") != std::string::npos);
    const ConfigFile broken("log_level = \n");
    CHECK(error_of({"--config", broken.path()}).find(broken.path()) != std::string::npos);
}

TEST_CASE("a variable that is no setting is reported, those of the client and of tests are not") {
    const CommandLine line =
        read_options({}, {"BATON_LISTEM=x", "BATON_SERVER=y", "BATON_KILLPOINT=z", "BATON_DRAIN_TIME=1s"});
    CHECK(line.unknown_environment == std::vector<std::string>{"BATON_LISTEM"});
}

TEST_CASE("the printed settings are a file that gives the same settings") {
    const CommandLine line = read_options({"--listen", "[::1]:99", "--insecure-remote", "--data-dir", "/a \"b\""}, {});
    const std::string printed = print_config(line);
    CHECK(printed.find("# flag") != std::string::npos);
    const ConfigFile file(printed);
    const CommandLine again = read_options({"--config", file.path()}, {});
    CHECK(again.options.listen.host == "::1");
    CHECK(again.options.listen.port == 99);
    CHECK(again.options.insecure_remote);
    CHECK(again.options.data_dir == "/a \"b\"");
}

TEST_CASE("help and version are texts to print") {
    CHECK(read_options({"--help"}, {}).print_and_exit.find("--data-dir") != std::string::npos);
    CHECK(read_options({"--version"}, {}).print_and_exit.starts_with("batond "));
}

TEST_CASE("sizes and durations need a known unit") {
    CHECK(parse_size("4096") == 4096U);
    CHECK(parse_size("64KiB") == 65536U);
    CHECK(parse_size("2G") == 2ULL << 30);
    CHECK_FALSE(parse_size("2T"));
    CHECK_FALSE(parse_size("-1"));
    CHECK_FALSE(parse_size("99999999999999999999"));
    CHECK_FALSE(parse_size("9999999999999G"));
    CHECK(parse_duration("0") == 0);
    CHECK(parse_duration("250ms") == 250);
    CHECK(parse_duration("2m") == 120'000);
    CHECK_FALSE(parse_duration("5"));
    CHECK_FALSE(parse_duration("5 s"));
    CHECK_FALSE(parse_duration(""));
}

}  // namespace baton::daemon::test
