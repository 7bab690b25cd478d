// Power cuts of a real file system: the daemon runs on an ext4 file system of its own in a loop device, which is shut
// down without flushing its log while the daemon is frozen. What was never synced is gone, as after pulling the plug.
#include "tests/crash/loop_file_system.hpp"
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>

namespace baton::test {

namespace {

int cycles() {
    const char* wanted = std::getenv("BATON_POWER_CUTS");
    return wanted != nullptr ? std::atoi(wanted) : 8;
}

struct Count {
    std::uint64_t confirmed = 0, lost = 0;
};

std::vector<std::string> arguments_on(const LoopFileSystem& disk) {
    return {"--data-dir", disk.path(), "--listen", "127.0.0.1:0", "--reserve", "1MiB", "--write-buffer", "2MiB"};
}

/// Produces numbered messages, several requests on their way, until the daemon says nothing more.
std::uint64_t produce_until_frozen(WireClient& client, DaemonProcess& daemon, std::chrono::milliseconds life) {
    constexpr int window = 8, batch_messages = 20;
    std::uint64_t next = 0, confirmed = 0, open = 0;
    const auto freeze_at = std::chrono::steady_clock::now() + life;
    const auto send = [&] {
        std::vector<std::string> payloads;
        for (int i = 0; i < batch_messages; ++i) {
            payloads.push_back(std::to_string(next++));
        }
        v1::ClientFrame frame = produce_frame("q", payloads);
        frame.set_request_id(1'000 + next);
        client.send(frame);
        open += 1;
    };
    while (std::chrono::steady_clock::now() < freeze_at) {
        while (open < window) {
            send();
        }
        v1::ServerFrame frame;
        REQUIRE(client.next(frame));
        confirmed += frame.produced().count();
        open -= 1;
    }
    LoopFileSystem::freeze(daemon);
    for (v1::ServerFrame frame; open > 0 && client.next_within(frame, 20);) {
        confirmed += frame.produced().count();
        open -= 1;
    }
    return confirmed;
}

/// How many of the messages 0, 1, ... are there, in order and without a gap.
std::uint64_t stored_in(WireClient& client) {
    std::uint64_t found = 0;
    std::string cursor;
    do {
        v1::ClientFrame frame;
        frame.mutable_peek()->set_queue("q");
        frame.mutable_peek()->set_limit(1'000);
        frame.mutable_peek()->set_cursor(cursor);
        const v1::ServerFrame answer = client.ask(frame);
        REQUIRE(answer.has_message_list());
        for (const v1::StoredMessage& message : answer.message_list().messages()) {
            REQUIRE(message.entry().payload() == std::to_string(found));
            found += 1;
        }
        cursor = answer.message_list().next();
    } while (!cursor.empty());
    return found;
}

/// One life that ends in a power cut, and a look at what is left.
void live_and_cut(LoopFileSystem& disk, v1::Durability durability, std::chrono::milliseconds life, Count& count) {
    std::uint64_t confirmed = 0;
    {
        DaemonProcess daemon(arguments_on(disk));
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        v1::QueueSettings settings;
        settings.set_durability(durability);
        create_queue(client, "q", settings);
        confirmed = produce_until_frozen(client, daemon, life);
        disk.cut_below(daemon);
    }
    DaemonProcess daemon(arguments_on(disk));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    const std::uint64_t found = stored_in(client);
    count.confirmed += confirmed;
    count.lost += confirmed - std::min(confirmed, found);
    v1::ClientFrame deletion;
    deletion.mutable_delete_queue()->set_name("q");
    REQUIRE_FALSE(client.ask(deletion).has_error());
    daemon.signal(SIGTERM);
    REQUIRE(daemon.wait_for_end().code == 0);
}

Count cut_often(v1::Durability durability, int times) {
    LoopFileSystem disk;
    Count count;
    tests::Prng random(7);
    for (int cycle = 0; cycle < times; ++cycle) {
        live_and_cut(disk, durability, std::chrono::milliseconds(random.between(50, 400)), count);
    }
    WARN(times << " power cuts, durability " << v1::Durability_Name(durability) << ": " << count.confirmed
               << " confirmed, " << count.lost << " lost");
    return count;
}

}  // namespace

TEST_CASE("power cuts of an ext4 file system lose nothing that was confirmed; without a sync they do") {
    if (!LoopFileSystem().made()) {
        std::cout << LoopFileSystem::skipped;
        return;
    }
    const Count synced = cut_often(v1::SYNC, cycles());
    CHECK(synced.confirmed > 0);
    CHECK(synced.lost == 0);
    // The control: the same cut, seen to lose what was only written.
    const Count written = cut_often(v1::OS, std::max(1, cycles() / 4));
    CHECK(written.confirmed > 0);
    CHECK(written.lost > 0);
}

}  // namespace baton::test
