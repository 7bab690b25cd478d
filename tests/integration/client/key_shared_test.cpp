// Consumers that share a subscription by key, with the real daemon: in order, one consumer a key at a time, over a
// kill.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/topics.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

constexpr int keys = 6, of_each = 40;

/// What was done, key by key, and who works on each now.
class Work {
public:
    /// False: this attempt is to fail.
    bool begin(const std::string& key, int worker, const std::string& payload) {
        const std::lock_guard lock(mutex_);
        const auto [at, fresh] = workers_.try_emplace(key, worker);
        shared_ = shared_ || (!fresh && at->second != worker);
        return payload.back() != '3' || !failed_.insert(payload).second;
    }
    void end(const std::string& key, const std::string& payload, bool done) {
        const std::lock_guard lock(mutex_);
        workers_.erase(key);
        if (done && (done_[key].empty() || done_[key].back() != payload)) {
            done_[key].push_back(payload);
        }
    }
    std::size_t done() {
        const std::lock_guard lock(mutex_);
        std::size_t all = 0;
        for (const auto& [key, payloads] : done_) {
            all += payloads.size();
        }
        return all;
    }
    std::map<std::string, std::vector<std::string>> result() {
        const std::lock_guard lock(mutex_);
        return done_;
    }
    bool shared() {
        const std::lock_guard lock(mutex_);
        return shared_;
    }

private:
    std::mutex mutex_;
    std::map<std::string, int> workers_;
    std::map<std::string, std::vector<std::string>> done_;
    std::set<std::string> failed_;
    bool shared_ = false;
};

std::unique_ptr<Worker> work(Client& client, int number, Work& all) {
    return std::make_unique<Worker>(client, "orders/stock", [number, &all](Job& job) {
        const std::string payload(job.payload()), key = payload.substr(0, payload.find(' '));
        const bool done = all.begin(key, number, payload);
        std::this_thread::sleep_for(1ms);
        all.end(key, payload, done);
        if (!done) {
            throw std::runtime_error("no luck");
        }
    });
}

std::map<std::string, std::vector<std::string>> publish_all(Client& client) {
    std::map<std::string, std::vector<std::string>> expected;
    Producer producer(client, "orders");
    for (int i = 0; i < keys * of_each; ++i) {
        const std::string key = "k" + std::to_string(i % keys), payload = key + ' ' + std::to_string(1'000 + i / keys);
        producer.produce({.payload = payload, .options = {.group = key}});
        expected[key].push_back(payload);
    }
    return expected;
}

}  // namespace

TEST_CASE("workers share a subscription by key, in strict order, also over retries and a kill") {
    RunningDaemon daemon;
    Client client = daemon.connect(), other = daemon.connect();
    Topics topics(client);
    topics.create("orders");
    topics.subscribe("orders", "stock",
                     {.settings = {.backoff = Backoff{.kind = Backoff::Kind::fixed, .base = 5ms},
                                   .consumer_mode = ConsumerMode::key_shared,
                                   .group_order = GroupOrder::strict}});
    CHECK(Admin(client).show_queue("orders/stock").settings.consumer_mode == ConsumerMode::key_shared);
    const auto expected = publish_all(client);
    Work all;
    const auto first = work(client, 1, all), second = work(other, 2, all);
    const auto reaches = [&all](std::size_t done) {
        return comes_true([&all, done] { return all.done() >= done; }, 60s);
    };
    REQUIRE(reaches(keys * of_each / 3));
    daemon.kill();
    daemon.start();
    REQUIRE(reaches(keys * of_each));
    CHECK(all.result() == expected);
    CHECK_FALSE(all.shared());
}

TEST_CASE("a queue does not share by key") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    try {
        Admin(client).create_queue("q", {.settings = {.consumer_mode = ConsumerMode::key_shared}});
        FAIL("it was created");
    } catch (const Exception& refused) {
        CHECK(refused.error().field == "settings.consumer_mode");
    }
}
