// An order service: `order.created` and `order.paid` reach everybody who cares, each at its own pace and with its own
// failures, and the service knows none of them.
//
//   order_service --server ADDR [--orders N]
//
// - email confirms every order; the mail server refuses each fourth order the first two times, and retries do the rest.
// - inventory wants goods that have to be packed only: a filter on a header.
// - audit hears everything of every topic, also of topics that come later: a pattern, with a handler for each topic.
// - billing gets large orders as jobs of a queue of its own: a binding.
// - analytics is written weeks later and replays every order from the beginning.
//
// It ends when all of them have done their part, and says what each has seen.

#include "baton/baton.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t large_amount = 150;

/// What the parts have seen.
class Seen {
public:
    void add(const std::string& what, std::int64_t by = 1) {
        const std::lock_guard lock(mutex_);
        counts_[what] += by;
        news_.notify_all();
    }
    void wait_for(const std::string& what, std::int64_t count) {
        std::unique_lock lock(mutex_);
        if (!news_.wait_for(lock, 60s, [&] { return counts_[what] >= count; })) {
            throw std::runtime_error("only " + std::to_string(counts_[what]) + " " + what);
        }
    }
    std::int64_t of(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return counts_[what];
    }

private:
    std::mutex mutex_;
    std::condition_variable news_;
    std::map<std::string, std::int64_t> counts_;
};

struct Order {
    int number = 0;
    bool goods = false;
    std::int64_t amount = 0;
};

std::vector<Order> make_orders(int count) {
    std::vector<Order> orders;
    for (int i = 0; i < count; ++i) {
        orders.push_back({i, i % 2 == 0, 10 + i * 10});
    }
    return orders;
}

void make_topics(baton::Topics& topics) {
    topics.create("order.created");
    topics.create("order.paid");
    baton::SubscriptionOptions email;
    email.settings.max_attempts = 3;
    baton::Backoff soon;
    soon.kind = baton::Backoff::Kind::fixed;
    soon.base = 50ms;
    email.settings.backoff = soon;
    topics.subscribe("order.created", "email", email);
    baton::SubscriptionOptions packed;
    packed.filter = baton::Filter{{baton::FilterCondition::equals("kind", "goods")}};
    topics.subscribe("order.created", "inventory", packed);
    topics.subscribe("#", "audit");
    baton::Binding large{"large-orders", "order.created", "billing"};
    large.filter = baton::Filter{{baton::FilterCondition::at_least("amount", large_amount)}};
    topics.bind(large);
}

void publish(const baton::Client& client, const std::vector<Order>& orders) {
    baton::Producer created(client, "order.created"), paid(client, "order.paid");
    for (const Order& order : orders) {
        const std::string number = std::to_string(order.number);
        created.produce(
            baton::Message{number,
                           "order",
                           {{"kind", order.goods ? "goods" : "download"}, {"amount", std::to_string(order.amount)}},
                           {}});
        if (order.number % 2 == 1) {
            paid.produce(baton::Message{number, "payment", {}, {}});
        }
    }
}

baton::Outcome send_mail(const baton::Job& job, Seen& seen) {
    seen.add("tries of mail");
    if (std::stoi(std::string(job.payload())) % 4 == 3 && job.message().failures() < 2) {
        return baton::Outcome::retry("the mail server is busy");
    }
    seen.add("mails");
    return baton::Outcome::ok();
}

}  // namespace

int main(int argc, char** argv) try {
    std::map<std::string, std::string> options{{"--server", "127.0.0.1:7450"}, {"--orders", "20"}};
    for (int i = 1; i + 1 < argc; i += 2) {
        options[argv[i]] = argv[i + 1];
    }
    const std::vector<Order> orders = make_orders(std::stoi(options["--orders"]));
    std::int64_t goods = 0, large = 0, total = 0, paid = 0;
    for (const Order& order : orders) {
        goods += order.goods ? 1 : 0;
        large += order.amount >= large_amount ? 1 : 0;
        paid += order.number % 2;
        total += order.amount;
    }

    auto client = baton::Client::connect(options["--server"]);
    baton::Admin(client).create_queue("billing", {.profile = baton::Profile::job});
    baton::Topics topics(client);
    make_topics(topics);
    Seen seen;
    const auto count = [&seen](const char* what) {
        return [&seen, what](baton::Job&) {
            seen.add(what);
            return baton::Outcome::ok();
        };
    };
    baton::Worker email(client, "order.created/email", [&seen](baton::Job& job) { return send_mail(job, seen); });
    baton::Worker inventory(client, "order.created/inventory", count("packed"));
    baton::Handlers heard;
    heard.on("order.created", count("orders heard")).on("order.paid", count("payments heard"));
    baton::Worker audit(client, "#/audit", heard);
    baton::Worker billing(client, "billing", count("billed"));

    publish(client, orders);
    seen.wait_for("mails", static_cast<std::int64_t>(orders.size()));
    seen.wait_for("packed", goods);
    seen.wait_for("orders heard", static_cast<std::int64_t>(orders.size()));
    seen.wait_for("payments heard", paid);
    seen.wait_for("billed", large);

    // Weeks later: all orders again, for somebody new.
    topics.subscribe("order.created", "analytics", {.start = baton::Start::beginning()});
    baton::Worker analytics(client, "order.created/analytics", [&seen](baton::Job& job) {
        seen.add("turnover", std::stoll(std::string(job.message().header("amount").value_or("0"))));
        seen.add("analysed");
        return baton::Outcome::ok();
    });
    seen.wait_for("analysed", static_cast<std::int64_t>(orders.size()));

    for (const char* what :
         {"mails", "tries of mail", "packed", "orders heard", "payments heard", "billed", "analysed", "turnover"}) {
        std::cout << what << ": " << seen.of(what) << '\n';
    }
    return seen.of("turnover") == total ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "order_service: " << error.what() << '\n';
    return 1;
}
