#include "server/daemon/log_setup.hpp"

#include <catch2/catch.hpp>

namespace baton::daemon::test {

TEST_CASE("text from peers cannot break a log line") {
    CHECK(escape_log_text("plain text") == "plain text");
    CHECK(escape_log_text("a\r\nb") == "a\\u000d\\u000ab");
    CHECK(escape_log_text("\x1b[31m\"\\") == "\\u001b[31m\\\"\\\\");
    CHECK(escape_log_text(std::string(100'000, 'x')).size() == 8 * 1024);
}

}  // namespace baton::daemon::test
