// One subscription of a pattern, a handler for each kind of topic.
#include "baton/handlers.hpp"

#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/topics.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

/// What handlers saw, from several threads.
class Seen {
public:
    explicit Seen(std::size_t expected) : expected_(expected) {}
    void add(const std::string& what) {
        const std::lock_guard lock(mutex_);
        all_.push_back(what);
        if (all_.size() == expected_) {
            done_.set_value();
        }
    }
    std::vector<std::string> sorted() {
        const std::lock_guard lock(mutex_);
        std::sort(all_.begin(), all_.end());
        return all_;
    }
    bool complete() { return done_.get_future().wait_for(20s) == std::future_status::ready; }

private:
    const std::size_t expected_;
    std::mutex mutex_;
    std::vector<std::string> all_;
    std::promise<void> done_;
};

std::string place_of(const Job& job) {
    return std::string(job.message().topic()) + "@" + std::to_string(job.message().topic_offset());
}

}  // namespace

TEST_CASE("a worker of a pattern runs the handler of each message's topic") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    for (const char* name : {"order.created", "order.paid", "order.paid.late", "invoice"}) {
        topics.create(name);
    }
    topics.subscribe("#", "audit");
    Seen seen(4);
    Handlers handlers;
    handlers.on("order.created", [&](Job& job) { seen.add("created " + place_of(job)); })
        .on("order.paid.#", Worker::Handler([&](Job& job) {
                seen.add("paid " + place_of(job));
                return Outcome::ok();
            }))
        .otherwise([&](Job& job) { seen.add("other " + place_of(job)); });
    CHECK_THROWS_AS(handlers.on("order..paid", [](Job&) {}), std::invalid_argument);
    Worker worker(client, "#/audit", handlers);
    for (const char* name : {"order.created", "order.paid", "order.paid.late", "invoice"}) {
        Producer(client, name).produce({.payload = name});
    }
    CHECK(seen.complete());
    CHECK(worker.stop());
    CHECK(seen.sorted() == std::vector<std::string>{"created order.created@0", "other invoice@0",
                                                    "paid order.paid.late@0", "paid order.paid@0"});
}

TEST_CASE("what no handler is for is found in the failed set") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    topics.create("order.created");
    topics.subscribe("order.created", "mail");
    Producer(client, "order.created").produce({.payload = "x"});
    Worker worker(client, "order.created/mail", Handlers().on("order.paid", [](Job&) {}));
    REQUIRE(comes_true([&worker] { return worker.finished() != 0; }));
    CHECK(worker.stop());
    const MessagePage failed = Admin(client).list_failed("order.created/mail");
    REQUIRE(failed.messages.size() == 1);
    CHECK(failed.messages[0].attempts.at(0).reason == "no handler for topic 'order.created'");
}
