// Webhooks: events of an application are posted to the URLs of those who subscribed, signed, until they are taken.
//
//   webhook_delivery send --server ADDR --subscription NAME --event JSON
//   webhook_delivery work --server ADDR --subscriptions FILE [--count N] [--timeout-ms N]
//
// FILE has a line for each subscription: NAME URL SECRET. What the receiver answers decides:
//   2xx              taken
//   429              later: after the time in its Retry-After
//   other 4xx        never: the failed set keeps the event, with the reason
//   anything else    again: after 1, 2, 4 and 8 minutes, 5 attempts in all
// A subscription that refuses or misses 3 events in a row is switched off: its group is paused, and its events wait in
// the queue until somebody has looked after it (`baton group resume webhooks NAME`). The others do not notice: each
// subscription is a group of its own, and groups take turns.
//
// With --count the program ends after that many events were taken or given up.

#include "baton/admin.hpp"
#include "baton/groups.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "client/examples/arguments.hpp"
#include "client/examples/webhook_request.hpp"

#include <fstream>
#include <iostream>
#include <mutex>
#include <semaphore>

namespace {

using namespace std::chrono_literals;

constexpr const char* queue = "webhooks";
constexpr std::uint32_t attempts = 5;
constexpr int misses_max = 3;

struct Subscription {
    std::string url;
    std::string secret;
};
using Subscriptions = std::map<std::string, Subscription>;

Subscriptions read_subscriptions(const std::string& path) {
    Subscriptions out;
    std::ifstream in(path);
    for (std::string name, url, secret; in >> name >> url >> secret;) {
        out[name] = {url, secret};
    }
    return out;
}

void create_queue(baton::Admin admin) {
    baton::QueueSettings settings;
    settings.max_attempts = attempts;
    settings.backoff = baton::Backoff{.kind = baton::Backoff::Kind::exponential, .base = 1min, .jitter_permille = 0};
    settings.group_max_in_flight = 4;  // No receiver gets more than this at a time.
    admin.create_queue(queue, {.profile = baton::Profile::job, .settings = settings});
}

void send(const baton::Client& client, const examples::Arguments& arguments) {
    baton::Message event;
    event.payload = arguments["--event"];
    event.options.group = arguments["--subscription"];
    std::cout << baton::Producer(client, queue).produce(event).id.to_string() << '\n';
}

/// One attempt. What it throws says what becomes of the event.
void deliver(const baton::Job& job, const Subscriptions& subscriptions, std::chrono::milliseconds timeout) {
    const auto found = subscriptions.find(std::string(job.message().group()));
    if (found == subscriptions.end()) {
        throw baton::PermanentError("nobody has subscribed by this name");
    }
    const auto& [url, secret] = found->second;
    // Every other exception, such as that of a connection that is refused, is a failure that is tried again.
    const examples::WebhookAnswer answer =
        examples::post({url, job.id().to_string(), std::string(job.payload()), secret}, timeout);
    const std::string reason = "HTTP " + std::to_string(answer.status);
    if (answer.status == 429 && answer.retry_after) {
        throw baton::RetryAfter(*answer.retry_after, reason);
    }
    if (answer.status >= 400 && answer.status < 500 && answer.status != 429) {
        throw baton::PermanentError(reason);
    }
    if (answer.status < 200 || answer.status >= 300) {
        throw baton::RetryableError(reason);
    }
}

/// Counts what each subscription missed in a row.
class Misses {
public:
    /// True when it is time to switch the subscription off.
    bool add(const std::string& subscription) {
        const std::lock_guard lock(mutex_);
        return ++in_a_row_[subscription] == misses_max;
    }
    void reset(const std::string& subscription) {
        const std::lock_guard lock(mutex_);
        in_a_row_[subscription] = 0;
    }

private:
    std::mutex mutex_;
    std::map<std::string, int> in_a_row_;
};

void switch_off(baton::Groups& groups, const std::string& subscription) try {
    groups.pause(queue, subscription);
    std::cout << subscription + ": switched off\n" << std::flush;
} catch (const baton::Exception& error) {
    std::cerr << subscription + ": not switched off: " + error.what() + "\n";
}

/// Returns when `count` events were taken or given up; 0 = never.
bool work(const baton::Client& client, const examples::Arguments& arguments) {
    const Subscriptions subscriptions = read_subscriptions(arguments["--subscriptions"]);
    const std::chrono::milliseconds timeout{arguments.number("--timeout-ms")};
    const unsigned long count = arguments.number("--count");
    baton::Groups groups(client);
    Misses misses;
    std::counting_semaphore<> ended{0};
    baton::WorkerOptions options;
    options.concurrency = 8;
    options.on_done = [&](const baton::Job& job, const baton::Outcome& outcome) {
        const std::string subscription(job.message().group());
        if (outcome.success) {
            misses.reset(subscription);
        } else if (!outcome.failure.terminal && job.attempt() < attempts) {
            return;  // To be tried again.
        } else if (misses.add(subscription)) {
            switch_off(groups, subscription);
        }
        std::cout << subscription + ": " + (outcome.success ? "taken" : outcome.failure.reason) + "\n" << std::flush;
        ended.release();
    };
    baton::Worker worker(
        client, queue, [&](baton::Job& job) { deliver(job, subscriptions, timeout); }, options);
    for (unsigned long i = 0; count == 0 || i < count; ++i) {
        ended.acquire();
    }
    return worker.stop();
}

}  // namespace

int main(int argc, char** argv) try {
    const auto arguments = examples::Arguments::of(argc, argv,
                                                   {{"--server", "127.0.0.1:7450"},
                                                    {"--subscription", ""},
                                                    {"--event", "{}"},
                                                    {"--subscriptions", "subscriptions.txt"},
                                                    {"--timeout-ms", "5000"},
                                                    {"--count", "0"}});
    auto client = baton::Client::connect(arguments["--server"]);
    create_queue(baton::Admin(client));
    if (arguments.verb == "send") {
        send(client, arguments);
        return 0;
    }
    if (arguments.verb == "work") {
        return work(client, arguments) ? 0 : 1;
    }
    std::cerr << "usage: webhook_delivery send|work [--option value]...\n";
    return 2;
} catch (const std::exception& error) {
    std::cerr << "webhook_delivery: " << error.what() << '\n';
    return 1;
}
