// The example programs do what they say, against a real daemon.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/program.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

CreateOptions quick_queue() {
    CreateOptions options;
    options.settings.backoff = Backoff{Backoff::Kind::fixed, 20ms, 20ms, 0, {}};
    return options;
}

}  // namespace

TEST_CASE("the e-mail worker sends, retries, waits and refuses") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("mail", quick_queue());
    Producer producer(client, "mail");
    std::vector<Receipt> receipts;
    for (const char* to : {"ann@example.org", "bob@example.slow", "cat@example.flaky", "nobody"}) {
        receipts.push_back(producer.produce(Message{"Dear reader", "mail", {{"to", to}, {"subject", "News"}}, {}}));
    }
    const std::string spool = daemon.path("spool");

    const auto result = run_program(
        {EMAIL_WORKER_PATH, "--server", daemon.address(), "--queue", "mail", "--spool", spool, "--count", "4"});

    INFO(result.output);
    CHECK(result.exit_code == 0);
    for (int i = 0; i < 3; ++i) {
        const auto& id = receipts.at(static_cast<std::size_t>(i)).id;
        CHECK(content_of(std::filesystem::path(spool) / (id.to_string() + ".eml")).ends_with("News\n\nDear reader"));
    }
    const QueueInfo info = admin.show_queue("mail");
    CHECK(info.acked_total == 3);
    REQUIRE(info.failed == 1);
    CHECK(admin.list_failed("mail").messages[0].attempts.back().reason == "not an address: \"nobody\"");
}

TEST_CASE("the file worker writes a sum for each file") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("files", quick_queue());
    Producer producer(client, "files");
    const std::filesystem::path input = daemon.path("input"), output = daemon.path("output");
    std::filesystem::create_directories(input);
    std::ofstream(input / "check") << "123456789";
    std::ofstream(input / "big") << std::string(1'000'000, 'b');
    for (const auto& path : {input / "check", input / "big", input}) {
        producer.produce(Message{path.string(), {}, {}, {}});
    }

    const auto result = run_program({FILE_WORKER_PATH, "--server", daemon.address(), "--queue", "files", "--output",
                                     output.string(), "--count", "3"});

    INFO(result.output);
    CHECK(result.exit_code == 0);
    CHECK(content_of(output / "check.sum").starts_with("cbf43926 9 "));  // The check value of CRC-32.
    CHECK(content_of(output / "big.sum").find(" 1000000 ") == 8);
    CHECK(admin.show_queue("files").acked_total == 2);
    CHECK(admin.show_queue("files").failed == 1);
}
