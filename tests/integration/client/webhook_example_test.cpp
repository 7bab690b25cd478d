// The webhook example against a receiver that misbehaves; its minutes pass on a virtual clock.
#include "baton/groups.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/example_run.hpp"
#include "tests/integration/client/running_daemon.hpp"
#include "tests/integration/client/webhook_receiver.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

constexpr auto step = 5s;

/// The daemon, the receiver, and the example between them.
struct WebhookSetup {
    RunningDaemon daemon{{"--virtual-clock"}};
    WebhookReceiver receiver;
    Client client = daemon.connect();
    Admin admin{client};
    std::string subscriptions = daemon.path("subscriptions");

    WebhookSetup() {
        std::ofstream out(subscriptions);
        for (const std::string name : {"good", "flaky", "busy", "gone", "broken", "silent"}) {
            out << name << ' ' << receiver.url("/" + name) << " topsecret\n";
        }
    }

    std::uint64_t send(const std::string& subscription) {
        const auto result = run_program({WEBHOOK_DELIVERY_PATH, "send", "--server", daemon.address(), "--subscription",
                                         subscription, "--event", R"({"order":17})"});
        INFO(result.output);
        REQUIRE(result.exit_code == 0);
        return MessageId::parse(result.output.substr(0, result.output.find('\n'))).value().offset;
    }

    /// A receiver that does answer has plenty of time for it.
    std::string work(int count, std::chrono::milliseconds timeout = 20s) {
        const auto result = run_as_time_passes(
            admin, "webhooks", step,
            {WEBHOOK_DELIVERY_PATH, "work", "--server", daemon.address(), "--subscriptions", subscriptions, "--count",
             std::to_string(count), "--timeout-ms", std::to_string(timeout.count())});
        INFO(result.output);
        CHECK(result.exit_code == 0);
        return result.output;
    }

    bool was_tried_after(std::uint64_t offset, const std::vector<std::chrono::milliseconds>& pauses) {
        const StoredMessage message = admin.show_job("webhooks", offset);
        std::vector<std::int64_t> times;
        for (const Attempt& attempt : message.attempts) {
            times.push_back(attempt.at_ms);
        }
        if (message.state == MessageState::completed) {
            times.push_back(message.started_ms);
        }
        if (times.size() != pauses.size() + 1) {
            return false;
        }
        for (std::size_t i = 0; i < pauses.size(); ++i) {
            const std::chrono::milliseconds pause{times[i + 1] - times[i]};
            // Time goes by steps: what the first try came to is noted up to a step later.
            if (pause < pauses[i] || pause > pauses[i] + 2 * step) {
                return false;
            }
        }
        return true;
    }
};

}  // namespace

TEST_CASE("webhooks are signed, and tried again as their receivers deserve") {
    WebhookSetup setup;
    const auto good = setup.send("good"), flaky = setup.send("flaky"), busy = setup.send("busy");
    const auto gone = setup.send("gone"), broken = setup.send("broken"), nobody = setup.send("nobody");

    setup.work(6);

    const auto taken = setup.receiver.received("/good");
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].body == R"({"order":17})");
    CHECK(taken[0].signature == "sha256=20f1a8cf3cb9d6b37869883164fadf9ad042304ac426fc90e5f68f28eb12f634");
    CHECK(setup.was_tried_after(good, {}));

    const auto again = setup.receiver.received("/flaky");
    REQUIRE(again.size() == 3);
    CHECK(again[0].id == again[2].id);  // So that the receiver can tell that it is the same event.
    CHECK(setup.was_tried_after(flaky, {1min, 2min}));
    CHECK(setup.receiver.received("/busy").size() == 2);
    CHECK(setup.was_tried_after(busy, {90s}));

    CHECK(setup.receiver.received("/gone").size() == 1);
    CHECK(setup.admin.show_failed("webhooks", gone).attempts.back().reason == "HTTP 410");
    CHECK(setup.was_tried_after(gone, {}));
    CHECK(setup.receiver.received("/broken").size() == 5);
    CHECK(setup.was_tried_after(broken, {1min, 2min, 4min, 8min}));
    CHECK(setup.was_tried_after(nobody, {}));

    const auto silent = setup.send("silent");
    setup.work(1, 1s);

    // A sender that has given up does not wait until its request was read.
    CHECK(comes_true([&] { return setup.receiver.received("/silent").size() == 5; }));
    CHECK(setup.was_tried_after(silent, {1min, 2min, 4min, 8min}));
    CHECK(setup.admin.show_queue("webhooks").failed == 4);
    CHECK(setup.admin.show_queue("webhooks").completed == 3);
}

TEST_CASE("a subscription that refuses three events in a row is switched off until somebody resumes it") {
    WebhookSetup setup;
    for (int i = 0; i < 3; ++i) {
        setup.send("gone");
    }
    CHECK(setup.work(3).find("gone: switched off") != std::string::npos);
    Groups groups(setup.client);
    CHECK(groups.show("webhooks", "gone").paused);

    setup.send("gone");
    setup.send("good");
    CHECK(setup.work(1) == "good: taken\n");
    CHECK(setup.receiver.received("/gone").size() == 3);
    CHECK(groups.show("webhooks", "gone").waiting == 1);

    groups.resume("webhooks", "gone");
    CHECK(setup.work(1) == "gone: HTTP 410\n");
}
