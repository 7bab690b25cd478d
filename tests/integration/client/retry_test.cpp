// Failures with a class: rules of the queue, options of the message, and the history that is kept.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <map>
#include <mutex>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

QueueInfo create_with_rules(Admin& admin) {
    QueueSettings settings;
    settings.backoff = Backoff{Backoff::Kind::fixed, 3'600'000ms, 3'600'000ms, 0, {}};
    settings.retry_rules = {{"HTTP-4*", RetryRule::Action::fail, {}},
                            {"net.*", RetryRule::Action::retry, Backoff{Backoff::Kind::fixed, 1ms, 1ms, 0, {}}}};
    return admin.create_queue("q", {.profile = Profile::job, .settings = settings});
}

void check_history(Admin& admin) {
    const MessagePage failed = admin.list_failed("q");
    REQUIRE(failed.messages.size() == 3);
    CHECK(failed.messages[0].reason == "rejected");
    CHECK(failed.messages[1].reason == "attempts_exhausted");
    const StoredMessage shown = admin.show_job("q", 1);
    CHECK(shown.max_attempts == 2);
    REQUIRE(shown.backoff);
    CHECK(shown.backoff->base == 2ms);
    REQUIRE(shown.attempts.size() == 2);
    CHECK(shown.attempts[0].error_class == "net.Timeout");
    CHECK(shown.attempts[0].worker == "tester");
    CHECK(shown.attempts[0].stack == std::string(4'096, 's'));
    CHECK(shown.attempts[0].delivered_ms > 0);
    CHECK(shown.attempts[0].delivered_ms <= shown.attempts[0].at_ms);
    CHECK(failed.messages[2].attempts.at(0).error_class == "std::out_of_range");
    CHECK(failed.messages[2].attempts.at(0).reason == "far ? away");
}

}  // namespace

TEST_CASE("retry rules, own attempts and the history of a job work through client and daemon") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    const QueueInfo made = create_with_rules(admin);
    REQUIRE(made.settings.retry_rules);
    REQUIRE(made.settings.retry_rules->size() == 2);
    CHECK(made.settings.retry_rules->at(1).backoff->base == 1ms);
    Producer producer(client, "q");
    MessageOptions own;
    own.max_attempts = 2;
    own.backoff = Backoff{Backoff::Kind::fixed, 2ms, 2ms, 0, {}};
    for (const char* kind : {"HTTP-404", "net.Timeout", "thrown"}) {
        producer.produce(Message{kind, {}, {}, own});
    }
    producer.flush(10s);
    std::mutex mutex;
    std::map<std::string, int> runs;
    std::promise<void> all;
    int ended = 0, other_limit = 0;
    WorkerOptions options;
    options.worker = "tester";
    options.on_done = [&](const Job&, const Outcome&) {
        const std::lock_guard lock(mutex);
        if (++ended == 5) {
            all.set_value();
        }
    };
    Worker worker(
        client, "q",
        [&](Job& job) -> Outcome {
            const std::string kind(job.payload());
            {
                const std::lock_guard lock(mutex);
                runs[kind] += 1;
                other_limit += job.message().max_attempts() == 2 ? 0 : 1;
            }
            if (kind == "thrown") {
                throw std::out_of_range("far \xFF away");
            }
            return job.fail(kind, "it said no", std::string(20'000, 's'));
        },
        options);
    REQUIRE(all.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(worker.stop());
    CHECK(other_limit == 0);
    CHECK(runs == std::map<std::string, int>{{"HTTP-404", 1}, {"net.Timeout", 2}, {"thrown", 2}});
    check_history(admin);
}
