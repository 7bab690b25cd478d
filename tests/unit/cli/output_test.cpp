#include "cli/exec_command.hpp"
#include "cli/exit_code.hpp"
#include "cli/message_output.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <csignal>
#include <string>

using namespace baton;

namespace {
// As main does: a command that ends before it has read everything must not end this process.
[[maybe_unused]] const auto sigpipe_before = std::signal(SIGPIPE, SIG_IGN);
}  // namespace

TEST_CASE("a payload of valid UTF-8 is text, any other is base64") {
    StoredMessage message;
    message.payload = "gr\xC3\xBC\xC3\x9F";
    CHECK(cli::to_json(message).at("payload").as_string() == "gr\xC3\xBC\xC3\x9F");
    message.payload = std::string("\xFF\0\x01", 3);
    const auto json = cli::to_json(message);
    CHECK(json.at("payload_base64").as_string() == "/wAB");
    CHECK_FALSE(json.contains("payload"));
}

TEST_CASE("what a stranger wrote cannot drive the terminal") {
    CHECK(cli::printable("a\x1b[2Jb\n", 100) == "a\\x1b[2Jb\\x0a");
    CHECK(cli::printable("0123456789", 4) == "0123... (10 bytes)");
}

TEST_CASE("a command gets the message on its input and is judged by its exit code") {
    CHECK(cli::exec_with_input("grep -q needle", "hay needle hay").code == 0);
    CHECK(cli::exec_with_input("grep -q needle", "hay").code == 1);
    const auto failed = cli::exec_with_input("echo first >&2; echo last >&2; exit 7", std::string(1 << 20, 'x'));
    CHECK(failed.code == 7);
    CHECK(failed.last_error_line == "last");
}

TEST_CASE("an empty message ends at once, and the command may use pipelines that break") {
    CHECK(cli::exec_with_input("cat", "").code == 0);
    CHECK(cli::exec_with_input("kill -TERM $$", "x").code == 128 + SIGTERM);
    // With SIGPIPE ignored, `yes` complains about its broken pipe instead of ending in silence.
    CHECK(cli::exec_with_input("yes | head -n 1 >/dev/null", "").last_error_line.empty());
}

TEST_CASE("a large input does not block on a command that writes a lot") {
    const auto result = cli::exec_with_input("cat >&2", std::string(1 << 20, 'y'));
    CHECK(result.code == 0);
    CHECK(result.last_error_line.size() <= 4'096);
}

TEST_CASE("exit codes tell kinds of error apart") {
    CHECK(cli::exit_code_of(ErrorCode::queue_not_found) == cli::ExitCode::not_found);
    CHECK(cli::exit_code_of(ErrorCode::queue_exists) == cli::ExitCode::conflict);
    CHECK(cli::exit_code_of(ErrorCode::queue_full) == cli::ExitCode::refused);
    CHECK(cli::exit_code_of(ErrorCode::connection_lost) == cli::ExitCode::unreachable);
    CHECK(cli::exit_code_of(ErrorCode::timed_out) == cli::ExitCode::timed_out);
}
