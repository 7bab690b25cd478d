// Payments: which errors are worth another try, and what is done about those that were in vain.
//
//   payment_worker send   --server ADDR --id ID --card CARD --cents N
//   payment_worker work   --server ADDR --gateway DIR [--count N]
//   payment_worker review --server ADDR --gateway DIR [--count N]
//
// `work` charges cards. A gateway that does not answer may do so in a moment: a retryable error, tried 3 times. A card
// that is declined stays declined: a permanent error. Both end in the queue "payments-dead", with their history.
//
// `review` works on that dead-letter queue, which is a queue like any other. A payment that only had bad luck is sent
// once more, as a payment of its own; of one that was declined the customer is told.
//
// The gateway is a directory here: DIR/down says that it does not answer; a card that begins with 4000 is declined;
// everything else becomes a file. As with a real gateway the payment's id is the key that makes charging twice charge
// once, which a queue that delivers at least once asks for. With --count a worker ends after that many payments have
// come to an end.

#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "client/examples/arguments.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <semaphore>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* queue = "payments";
constexpr const char* dead_letter_queue = "payments-dead";
constexpr std::uint32_t attempts = 3;

void create_queues(baton::Admin admin) {
    admin.create_queue(dead_letter_queue);
    baton::QueueSettings settings;
    settings.max_attempts = attempts;
    settings.backoff = baton::Backoff{.kind = baton::Backoff::Kind::exponential, .base = 10s, .jitter_permille = 0};
    settings.dead_letter_queue = dead_letter_queue;
    admin.create_queue(queue, {.profile = baton::Profile::job, .settings = settings});
}

std::string header(const baton::Job& job, std::string_view key) {
    return std::string(job.message().header(key).value_or(""));
}

/// Writes a file under a name that stands for the deed: the same again changes nothing.
void write_once(const fs::path& path, const std::string& text) {
    if (fs::exists(path)) {
        return;
    }
    std::ofstream(path.string() + ".part") << text << '\n';
    fs::rename(path.string() + ".part", path);
}

void charge(const baton::Job& job, const fs::path& gateway) {
    const std::string card = header(job, "card");
    if (fs::exists(gateway / "down")) {
        throw baton::RetryableError("the gateway does not answer");
    }
    if (card.starts_with("4000")) {
        throw baton::PermanentError("the card was declined");
    }
    write_once(gateway / (header(job, "id") + ".charged"), std::string(job.payload()) + " cents from " + card);
}

/// What becomes of a payment that `work` gave up.
void review(const baton::Job& job, baton::Producer& payments, const fs::path& gateway) {
    const baton::Origin* origin = job.message().origin();
    if (origin == nullptr || origin->attempts.empty()) {
        throw baton::PermanentError("it was not a worker that sent this payment here");
    }
    if (origin->reason == "attempts_exhausted") {
        baton::Message again{std::string(job.payload()), "payment", {}, {}};
        for (const auto& [key, value] : job.message().headers()) {
            again.headers.push_back({std::string(key), std::string(value)});
        }
        // Stored before the ack below: a crash in between sends it twice, and the payment's id makes that harmless.
        payments.produce(again);
        return;
    }
    write_once(gateway / (header(job, "id") + ".letter"), "Your payment failed: " + origin->attempts.back().reason);
}

/// Returns when `count` jobs have come to an end; 0 = never.
bool run(const baton::Client& client, const char* name, baton::Worker::Handler handler, unsigned long count) {
    std::counting_semaphore<> ended{0};
    baton::WorkerOptions options;
    options.on_done = [&](const baton::Job& job, const baton::Outcome& outcome) {
        std::cout << header(job, "id") << ": " << (outcome.success ? "done" : outcome.failure.reason) << std::endl;
        if (outcome.success || outcome.failure.terminal || job.attempt() == attempts) {
            ended.release();
        }
    };
    baton::Worker worker(client, name, std::move(handler), options);
    for (unsigned long i = 0; count == 0 || i < count; ++i) {
        ended.acquire();
    }
    return worker.stop();
}

}  // namespace

int main(int argc, char** argv) try {
    const auto arguments = examples::Arguments::of(argc, argv,
                                                   {{"--server", "127.0.0.1:7450"},
                                                    {"--id", ""},
                                                    {"--card", ""},
                                                    {"--cents", "0"},
                                                    {"--gateway", "gateway"},
                                                    {"--count", "0"}});
    auto client = baton::Client::connect(arguments["--server"]);
    create_queues(baton::Admin(client));
    baton::Producer payments(client, queue);
    const fs::path gateway = arguments["--gateway"];
    const unsigned long count = arguments.number("--count");
    if (arguments.verb == "send") {
        payments.produce(baton::Message{
            arguments["--cents"], "payment", {{"id", arguments["--id"]}, {"card", arguments["--card"]}}, {}});
        return 0;
    }
    fs::create_directories(gateway);
    if (arguments.verb == "work") {
        const auto handler = [&](baton::Job& job) {
            charge(job, gateway);
            return baton::Outcome::ok();
        };
        return run(client, queue, handler, count) ? 0 : 1;
    }
    if (arguments.verb == "review") {
        const auto handler = [&](baton::Job& job) {
            review(job, payments, gateway);
            return baton::Outcome::ok();
        };
        return run(client, dead_letter_queue, handler, count) ? 0 : 1;
    }
    std::cerr << "usage: payment_worker send|work|review [--option value]...\n";
    return 2;
} catch (const std::exception& error) {
    std::cerr << "payment_worker: " << error.what() << '\n';
    return 1;
}
