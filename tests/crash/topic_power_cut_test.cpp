// Power cuts of a real file system below a daemon with topics, while clients publish and read through them all. Every
// message has one fate: what was confirmed, also as the repeat of a publish that a cut left unanswered, is in each
// subscription that selects it and in the bound queue, and what was acked in one of them does not come back there.
#include "baton/baton.hpp"
#include "tests/crash/kill_work.hpp"
#include "tests/crash/loop_file_system.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace baton;
using tests::has_even;
using tests::KillProducer;
using tests::KillReader;
using tests::Reading;
using tests::SentMessages;

namespace {

constexpr std::array<const char*, 2> names{"cut.one", "cut.two"};

/// One topic keeps all that it gets, and histories have a largest number.
constexpr int cuts_of_a_disk = 25;

int cycles() {
    const char* wanted = std::getenv("BATON_POWER_CUTS");
    return wanted != nullptr ? std::atoi(wanted) : 8;
}

/// The daemon on a file system that is cut, always at the same address.
class PoweredDaemon {
public:
    explicit PoweredDaemon(test::LoopFileSystem& disk) : disk_(disk) { start(); }

    void start() {
        process_ = std::make_unique<test::DaemonProcess>(std::vector<std::string>{
            "--data-dir", disk_.path(), "--listen", address_, "--reserve", "1MiB", "--write-buffer", "2MiB"});
        process_->wait_until_ready();
        address_ = process_->address();
    }
    /// Nothing that it says is later than this.
    void freeze() { test::LoopFileSystem::freeze(*process_); }
    void cut() {
        disk_.cut_below(*process_);
        process_.reset();
    }
    Client connect() const {
        ClientOptions options;
        options.reconnect_base = std::chrono::milliseconds{10};
        options.reconnect_cap = std::chrono::milliseconds{200};
        return Client::connect(address_, options);
    }

private:
    test::LoopFileSystem& disk_;
    std::string address_ = "127.0.0.1:0";
    std::unique_ptr<test::DaemonProcess> process_;
};

/// The number of a message tells its topic: batches go to both in turn.
bool has_first(std::uint64_t number) { return number / tests::kill_batch_messages % names.size() == 0; }

/// Two topics, one of which keeps only what is still to be read, and everybody who reads them.
struct Readers {
    Readers(Admin& admin, const Client& publishing, const SentMessages& sent, Durability durability)
        : plain(sent, has_first), patterned(sent), even(sent, has_even), keyed(sent), bound(sent) {
        Topics topics(publishing);
        const QueueSettings kept{.durability = durability};
        for (const char* name : names) {
            topics.create(name, {.topic = {.retention = {}, .interest = name == names[0]}, .settings = kept});
        }
        topics.subscribe(names[0], "plain", {.settings = kept});
        topics.subscribe("cut.*", "all", {.settings = kept});
        topics.subscribe("#", "even",
                         {.settings = kept, .filter = Filter{{FilterCondition::equals("parity", "even")}}});
        topics.subscribe("cut.>", "keyed",
                         {.settings = {.durability = durability, .consumer_mode = ConsumerMode::key_shared}});
        admin.create_queue("bound", {.settings = kept});
        topics.bind({"binding", "cut.*", "bound"});
    }
    void begin(const Client& client, const Client& other) {
        const auto read = [this](const Client& by, const std::string& name, KillReader& reader) {
            readings.push_back(std::make_unique<Reading>(by, name, reader));
        };
        read(client, std::string(names[0]) + "/plain", plain);
        read(client, "cut.*/all", patterned);
        read(client, "#/even", even);
        read(client, "cut.>/keyed", keyed);
        read(other, "cut.>/keyed", keyed);
        read(other, "bound", bound);
    }

    KillReader plain, patterned, even, keyed, bound;
    std::vector<std::unique_ptr<Reading>> readings;
};

/// How far each topic reaches by what was confirmed.
std::array<std::uint64_t, names.size()> confirmed_ends(const SentMessages& sent) {
    std::array<std::uint64_t, names.size()> ends{};
    for (std::uint64_t i = 0; i < sent.sent; ++i) {
        if (sent.confirmed[i] != 0) {
            ends[sent.queue_of(i)] = sent.offset_of(i) + 1;
        }
    }
    return ends;
}

void check_at_the_end(Readers& readers, const SentMessages& sent, Admin& admin) {
    for (const auto& reading : readers.readings) {
        check(*reading, admin);
    }
    CHECK(readers.keyed.out_of_turn == 0);
    CHECK(sent.confirmed_count() == sent.sent);
    CHECK(sent.refused == 0);
    CHECK(sent.misplaced == 0);
    CHECK(admin.doctor().ailments.empty());
}

/// Clients of a daemon on a disk of its own, who work through all cuts.
struct PowerCuts {
    PowerCuts(Durability durability, std::uint64_t seed) : readers(admin, publishing, sent, durability), random(seed) {
        readers.begin(reading, other);
        producer = std::make_unique<KillProducer>(publishing, sent,
                                                  std::vector<std::string>{names.begin(), names.end()}, true);
    }
    /// One cut while everybody works. How much of what was confirmed its topic does not reach then.
    std::uint64_t cut() {
        producer->pause(false);
        std::this_thread::sleep_for(std::chrono::milliseconds(random.between(50, 400)));
        daemon.freeze();
        daemon.cut();
        producer->pause(true);  // A look at everything takes the longer the more there is.
        const auto ends = confirmed_ends(sent);
        daemon.start();
        std::uint64_t missing = 0;
        for (std::size_t i = 0; i < names.size(); ++i) {
            missing += ends[i] - std::min(ends[i], admin.show_queue(names[i]).end_offset);
        }
        return missing;
    }

    test::LoopFileSystem disk{"1G"};
    PoweredDaemon daemon{disk};
    SentMessages sent{names.size()};
    Client publishing = daemon.connect(), reading = daemon.connect(), other = daemon.connect();
    Admin admin{publishing};
    Readers readers;
    std::unique_ptr<KillProducer> producer;
    tests::Prng random;
};

bool skips() {
    const bool skip = !test::LoopFileSystem().made();
    if (skip) {
        std::cout << test::LoopFileSystem::skipped;
    }
    return skip;
}

std::uint64_t lose_nothing(int cuts, std::uint64_t seed) {
    PowerCuts run(Durability::sync, seed);
    for (int cut = 0; cut < cuts; ++cut) {
        CHECK(run.cut() == 0);
        CHECK(run.admin.doctor().ailments.empty());
    }
    run.producer->finish();
    check_at_the_end(run.readers, run.sent, run.admin);
    return run.sent.confirmed_count();
}

}  // namespace

TEST_CASE("power cuts lose nothing to subscriptions of all kinds and to a bound queue") {
    if (skips()) {
        return;
    }
    std::uint64_t confirmed = 0;
    for (int left = cycles(); left > 0; left -= cuts_of_a_disk) {
        confirmed += lose_nothing(std::min(left, cuts_of_a_disk), static_cast<std::uint64_t>(left));
    }
    WARN(cycles() << " power cuts with topics: " << confirmed << " confirmed messages");
    CHECK(confirmed > 0);
}

TEST_CASE("the control: without a sync the same cut takes back what was confirmed") {
    if (skips()) {
        return;
    }
    PowerCuts run(Durability::os, 1);
    std::uint64_t missing = 0;
    for (int cycle = 0; cycle < 3; ++cycle) {
        missing += run.cut();
    }
    run.producer->finish();
    for (const auto& reading : run.readers.readings) {
        reading->finish(run.admin);
    }
    WARN("without a sync: " << missing << " confirmed messages missing, and " << run.sent.misplaced
                            << " batches at offsets that were given before");
    CHECK(missing + run.sent.misplaced > 0);
}
