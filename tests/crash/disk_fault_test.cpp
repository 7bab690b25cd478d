// The real daemon on a disk of which one call fails: it ends with exit code 74 within a second, or was not harmed at
// all; and after the next start everything that it had confirmed is there. Before it is ready a full disk and a
// directory that cannot be written have codes of their own.
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace baton::test {

namespace {

constexpr int storage_failed = 74, no_space = 71, bad_directory = 73;
constexpr int batches = 60, batch_messages = 10;

/// What a daemon confirmed before it ended.
struct Confirmed {
    std::uint64_t sent = 0, produced = 0, acks_sent = 0, acked = 0;
};

struct Fault {
    std::string operation;
    int nth = 0;
    int error = 0;
};

/// Sends one frame and returns its answer; nothing when the connection ended before.
std::optional<v1::ServerFrame> try_ask(WireClient& client, v1::ClientFrame frame, std::uint64_t id) {
    frame.set_request_id(id);
    client.send(frame);
    for (v1::ServerFrame answer; client.next(answer);) {
        if (answer.request_id() == id) {
            return answer;
        }
    }
    return std::nullopt;
}

/// Produces and settles until the daemon is gone or all is done. Large messages, so that sorted files are written too.
Confirmed work(WireClient& client) {
    Confirmed confirmed;
    std::uint64_t id = 1'000;
    const v1::ClientFrame batch =
        produce_frame("q", std::vector<std::string>(batch_messages, std::string(10'000, 'x')));
    v1::ClientFrame fetching;
    fetching.mutable_fetch()->set_consumer_id(1);
    fetching.mutable_fetch()->set_max_messages(batch_messages / 2);
    for (int i = 0; i < batches; ++i) {
        confirmed.sent += batch_messages;
        const auto produced = try_ask(client, batch, ++id);
        if (!produced) {
            return confirmed;
        }
        // A refusal would be a false no: the produce may be on disk.
        INFO(produced->ShortDebugString());
        REQUIRE(produced->has_produced());
        confirmed.produced += batch_messages;
        const auto fetched = try_ask(client, fetching, ++id);
        if (!fetched) {
            return confirmed;
        }
        REQUIRE(fetched->has_delivery());
        const auto count = static_cast<std::uint64_t>(messages_in(fetched->delivery()));
        confirmed.acks_sent += count;
        const auto settled = try_ask(client, ack_all(fetched->delivery()), ++id);
        if (!settled) {
            return confirmed;
        }
        REQUIRE(settled->has_settled());
        REQUIRE(settled->settled().refusals_size() == 0);
        confirmed.acked += count;
    }
    return confirmed;
}

std::vector<std::string> arguments_on(const TestDirectory& directory) {
    std::vector<std::string> arguments = usual_arguments(directory.path("data"));
    arguments.insert(arguments.end(), {"--write-buffer", "1MiB"});
    return arguments;
}

/// When the call failed, in milliseconds since 1970; nothing when none did.
std::optional<std::int64_t> hit_ms(const TestDirectory& directory) {
    std::ifstream in(directory.path("hit"));
    std::int64_t ns = 0;
    return in >> ns ? std::optional(ns / 1'000'000) : std::nullopt;
}

/// When the daemon wrote its last line, by its own clock: on a busy machine its end is seen late.
std::optional<std::int64_t> last_word_ms(const std::string& log) {
    std::optional<std::int64_t> last;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        std::tm time{};
        if (const char* rest = ::strptime(line.c_str(), "%Y-%m-%dT%H:%M:%S.", &time)) {
            last = ::timegm(&time) * 1'000 + std::atoi(rest);
        }
    }
    return last;
}

void create_once(const TestDirectory& directory) {
    DaemonProcess daemon(arguments_on(directory));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    create_queue(client, "q");
    daemon.signal(SIGTERM);
    REQUIRE(daemon.wait_for_end().code == 0);
}

/// One life of a daemon with the fault; says whether the fault was met at all.
bool live(const TestDirectory& directory, const Fault& fault, Confirmed& confirmed) {
    // A sanitizer's runtime wants to be the first library that is loaded.
    DaemonProcess daemon(arguments_on(directory),
                         {"LD_PRELOAD=" FAILING_DISK_PATH, "ASAN_OPTIONS=verify_asan_link_order=0",
                          "BATON_TEST_DISK_FAULT=" + fault.operation + " " + std::to_string(fault.nth) + " " +
                              std::to_string(fault.error) + " " + directory.path("data"),
                          "BATON_TEST_DISK_FAULT_HIT=" + directory.path("hit")});
    const bool started = daemon.ready_or_ended();
    bool served_all = false;
    if (started) {
        WireClient client(daemon.address());
        client.hello();
        open_consumer(client, "q", 0);
        confirmed = work(client);
        served_all = confirmed.sent == confirmed.produced && confirmed.acks_sent == confirmed.acked &&
                     confirmed.sent == batches * batch_messages;
        if (served_all) {
            daemon.signal(SIGTERM);
        }
    }
    const Ending ending = daemon.wait_for_end();
    const std::optional<std::int64_t> hit = hit_ms(directory);
    INFO(ending.code << ' ' << ending.err);
    if (ending.code == 0) {
        CHECK(served_all);
        return hit.has_value();
    }
    CHECK((ending.code == storage_failed || (!started && (ending.code == no_space || ending.code == bad_directory))));
    REQUIRE(hit.has_value());
    const std::optional<std::int64_t> last_word = last_word_ms(ending.err);
    REQUIRE(last_word.has_value());
    CHECK(*last_word - *hit < 1'000);
    return true;
}

void check_after(const TestDirectory& directory, const Confirmed& confirmed) {
    DaemonProcess daemon(arguments_on(directory));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    const v1::QueueInfo info = show_queue(client, "q");
    INFO(info.ShortDebugString());
    CHECK(info.produced_total() >= confirmed.produced);
    CHECK(info.produced_total() <= confirmed.sent);
    CHECK(info.acked_total() >= confirmed.acked);
    CHECK(info.acked_total() <= confirmed.acks_sent);
    CHECK(info.waiting() + info.leased() + info.acked_total() == info.produced_total());
}

/// The calls that fail, one a life: early ones all, later ones further and further apart. BATON_DISK_FAULTS=500 for
/// the full row: the first 500 of each operation.
std::vector<int> calls_that_fail() {
    const char* wanted = std::getenv("BATON_DISK_FAULTS");
    std::vector<int> calls;
    for (int n = 1; wanted != nullptr && n <= std::atoi(wanted); ++n) {
        calls.push_back(n);
    }
    return wanted != nullptr ? calls : std::vector<int>{1, 2, 5, 20, 90};
}

}  // namespace

TEST_CASE("one failing call to the disk costs nothing that was confirmed, and ends the daemon with 74") {
    const std::string operation = GENERATE("write", "fdatasync", "fsync", "rename", "open", "fallocate");
    int met = 0;
    for (const int nth : calls_that_fail()) {
        const Fault fault{operation, nth, nth % 2 == 0 ? ENOSPC : EIO};
        CAPTURE(fault.operation, fault.nth, fault.error);
        const TestDirectory directory;
        create_once(directory);
        Confirmed confirmed;
        if (!live(directory, fault, confirmed)) {
            break;  // There are not that many calls.
        }
        met += 1;
        check_after(directory, confirmed);
    }
    CHECK(met > 0);
}

}  // namespace baton::test
