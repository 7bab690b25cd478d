// The example programs do what they say, against a real daemon.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/example_run.hpp"
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

TEST_CASE("the e-mail service sends by urgency, tries again, and gives up what is hopeless") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    const auto send = [&](const std::string& which, const std::string& to) {
        const auto result = run_program({EMAIL_SERVICE_PATH, "send", "--server", daemon.address(), "--template", which,
                                         "--to", to, "--name", "Ann", "--link", "https://example.org/7"});
        INFO(result.output);
        REQUIRE(result.exit_code == 0);
        return MessageId::parse(result.output.substr(0, result.output.find('\n'))).value();
    };
    send("newsletter", "ann@example.org");
    const MessageId welcome = send("welcome", "ann@example.org");
    const MessageId reset = send("password-reset", "ann@example.org");
    const MessageId flaky = send("welcome", "bob@example.flaky");
    const MessageId busy = send("welcome", "cat@example.busy");
    const MessageId nobody = send("welcome", "nobody");
    const std::filesystem::path spool = daemon.path("spool");

    const auto result = run_as_time_passes(
        admin, "mail", 500ms,
        {EMAIL_SERVICE_PATH, "work", "--server", daemon.address(), "--spool", spool.string(), "--count", "6"});

    INFO(result.output);
    CHECK(result.exit_code == 0);
    CHECK(content_of(spool / (welcome.to_string() + ".eml")) ==
          "To: ann@example.org\nSubject: Welcome, Ann\n\nHello Ann,\ngood to have you with us.\n");
    CHECK(content_of(spool / (reset.to_string() + ".eml")).ends_with("password here: https://example.org/7\n"));
    const auto sent = [&](const std::string& which) { return result.output.find(which + " ann@example.org: sent"); };
    CHECK(sent("password-reset") < sent("welcome"));
    CHECK(sent("welcome") < sent("newsletter"));
    CHECK(sent("newsletter") != std::string::npos);

    const StoredMessage tried = admin.show_job("mail", flaky.offset);
    REQUIRE(tried.attempts.size() == 2);
    CHECK(tried.attempts[1].at_ms - tried.attempts[0].at_ms >= 1'000);
    CHECK(tried.started_ms - tried.attempts[1].at_ms >= 2'000);
    const StoredMessage held_back = admin.show_job("mail", busy.offset);
    CHECK(held_back.failures == 0);
    CHECK(held_back.started_ms - held_back.stored_ms >= 5'000);
    CHECK(admin.show_failed("mail", nobody.offset).attempts.back().reason == "not an address: \"nobody\"");
    CHECK(admin.show_queue("mail").completed == 5);
}

TEST_CASE("the e-mail service sends a provider no more than it likes") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    const auto send = [&](const std::string& to) {
        return run_program({EMAIL_SERVICE_PATH, "send", "--server", daemon.address(), "--to", to}).exit_code;
    };
    constexpr int mails = 13;
    for (int i = 0; i < mails; ++i) {
        REQUIRE(send("ann@example.org") == 0);
    }
    REQUIRE(send("bob@example.net") == 0);
    const auto result = run_as_time_passes(admin, "mail", 50ms,
                                           {EMAIL_SERVICE_PATH, "work", "--server", daemon.address(), "--spool",
                                            daemon.path("spool"), "--count", std::to_string(mails + 1)});
    INFO(result.output);
    CHECK(result.exit_code == 0);
    const auto started = [&](std::uint64_t offset) { return admin.show_job("mail", offset).started_ms; };
    // Ten at once, then one in 100 ms. The clock moves on while the worker gets them.
    CHECK(started(9) < started(0) + 900);
    CHECK(started(10) >= started(0) + 100);
    CHECK(started(12) >= started(0) + 300);
    CHECK(started(mails) < started(12));  // The other provider does not wait for the first.
}

TEST_CASE("the payment worker tries again what may succeed, and what was in vain is looked after") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    const std::filesystem::path gateway = daemon.path("gateway");
    const auto send = [&](const std::string& id, const std::string& card, const std::string& cents) {
        REQUIRE(run_program({PAYMENT_WORKER_PATH, "send", "--server", daemon.address(), "--id", id, "--card", card,
                             "--cents", cents})
                    .exit_code == 0);
    };
    const auto run = [&](const std::string& verb, int count) {
        const auto result = run_as_time_passes(admin, verb == "work" ? "payments" : "payments-dead", 1s,
                                               {PAYMENT_WORKER_PATH, verb, "--server", daemon.address(), "--gateway",
                                                gateway.string(), "--count", std::to_string(count)});
        INFO(result.output);
        CHECK(result.exit_code == 0);
    };
    send("p1", "4242", "995");
    send("p2", "4000", "100");
    run("work", 2);
    CHECK(content_of(gateway / "p1.charged") == "995 cents from 4242\n");
    CHECK(admin.show_queue("payments-dead").waiting == 1);

    std::ofstream(gateway / "down") << "for maintenance";
    send("p3", "4242", "300");
    run("work", 1);
    CHECK(admin.show_queue("payments-dead").waiting == 2);
    std::filesystem::remove(gateway / "down");
    run("review", 2);
    CHECK(content_of(gateway / "p2.letter") == "Your payment failed: the card was declined\n");
    CHECK_FALSE(std::filesystem::exists(gateway / "p2.charged"));
    CHECK_FALSE(std::filesystem::exists(gateway / "p3.letter"));
    CHECK(admin.show_queue("payments-dead").acked_total == 2);

    send("p1", "4242", "5");  // The same payment again.
    run("work", 2);
    CHECK(content_of(gateway / "p3.charged") == "300 cents from 4242\n");
    CHECK(content_of(gateway / "p1.charged") == "995 cents from 4242\n");
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

TEST_CASE("the order service reaches everybody who cares, each with its own failures, and one who comes later") {
    RunningDaemon daemon;
    const auto result = run_program({ORDER_SERVICE_PATH, "--server", daemon.address(), "--orders", "20"});

    INFO(result.output);
    CHECK(result.exit_code == 0);
    for (const char* line : {"mails: 20\n", "tries of mail: 30\n", "packed: 10\n", "orders heard: 20\n",
                             "payments heard: 10\n", "billed: 6\n", "analysed: 20\n", "turnover: 2100\n"}) {
        CHECK(result.output.find(line) != std::string::npos);
    }
    Client client = daemon.connect();
    CHECK(Admin(client).show_queue("order.created/email").failed == 0);
    CHECK(Admin(client).show_queue("#/audit").acked_total == 30);
}
