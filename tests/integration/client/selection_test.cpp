// Patterns, filters, bindings, listeners and questions with the real daemon.
#include "baton/baton.hpp"
#include "tests/integration/client/drained.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

Message order(const std::string& payload, const std::string& region) {
    return {.payload = payload, .name = {}, .headers = {{"region", region}}, .options = {}};
}

}  // namespace

TEST_CASE("a pattern with a filter has exactly what it selects, over a kill") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    topics.create("order.created");
    SubscriptionOptions europe;
    europe.filter = Filter{{FilterCondition::equals("region", "eu")}};
    topics.subscribe("order.*", "europe", europe);
    Producer created(client, "order.created");
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        const bool eu = i % 3 == 0;
        const Receipt receipt = created.produce(order(std::to_string(i), eu ? "eu" : "us"));
        CHECK(receipt.subscriptions == (eu ? 1 : 0));
        if (eu) {
            expected.push_back(std::to_string(i));
        }
    }
    topics.create("order.paid");
    Producer(client, "order.paid").produce(order("paid", "eu"));
    expected.emplace_back("paid");
    daemon.kill();
    daemon.start();
    const QueueInfo info = Admin(client).show_queue("order.*/europe");
    CHECK(info.waiting == expected.size());
    CHECK(info.filter == *europe.filter);
    CHECK(drained(client, "order.*/europe", expected.size()) == expected);
    CHECK(topics.subscriptions("order.*").size() == 1);

    // The same again from the past, by another one.
    europe.start = Start::beginning();
    topics.subscribe("order.created", "again", europe);
    expected.pop_back();
    CHECK(drained(client, "order.created/again", expected.size()) == expected);
    CHECK(Admin(client).doctor().ailments.empty());
}

TEST_CASE("a binding makes jobs with the options that headers name, and what nobody gets is not lost") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("jobs", {.profile = Profile::job});
    admin.create_queue("lost");
    Topics topics(client);
    TopicOptions options;
    options.topic.alternate_queue = "lost";
    topics.create("orders", options);
    Binding binding{"b", "orders", "jobs", Filter{{FilterCondition::exists("region")}}, {}};
    binding.options.group_header = "region";
    topics.bind(binding);
    CHECK_THROWS_AS(topics.bind({"b", "#", "jobs"}), Exception);
    Producer producer(client, "orders");
    producer.produce(order("a", "eu"));
    producer.produce({.payload = "nobody's"});
    CHECK(admin.show_queue("jobs").grouped == 1);
    CHECK(drained(client, "lost", 1) == std::vector<std::string>{"nobody's"});
    daemon.kill();
    daemon.start();
    producer.produce(order("b", "us"));
    CHECK(drained(client, "jobs", 2).size() == 2);
    REQUIRE(topics.bindings().size() == 1);
    CHECK(topics.bindings().front().options.group_header == "region");
    topics.unbind("b");
    CHECK(topics.bindings().empty());
    ProducerOptions mandatory;
    mandatory.refuse_unrouted = true;
    topics.create("quiet");
    try {
        Producer(client, "quiet", mandatory).produce({.payload = "x"});
        FAIL("nobody gets it");
    } catch (const Exception& refused) {
        CHECK(refused.error().code == ErrorCode::no_subscription);
    }
}

TEST_CASE("a listener hears as it happens, also after the daemon was away") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics(client).create("news");
    Listener listener(client, {.topics = "#"});
    Producer producer(client, "news");
    producer.produce({.payload = "a"});
    const auto first = listener.next(20s);
    REQUIRE(first);
    CHECK(first->topic == "news");
    CHECK(first->message.payload == "a");
    CHECK_FALSE(first->gap_before);
    daemon.kill();
    daemon.start();
    client.ping();
    std::optional<HeardMessage> after;
    for (int tries = 0; tries < 100 && !after; ++tries) {
        producer.produce({.payload = "b"});
        after = listener.next(200ms);
    }
    REQUIRE(after);
    CHECK(after->gap_before);
}

TEST_CASE("a listener that does not take loses, and is told how much") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics(client).create("news");
    Listener slow(client, {.topics = "news", .window_messages = 10});
    Producer producer(client, "news");
    for (int i = 0; i < 100; ++i) {
        producer.produce({.payload = std::to_string(i)});
    }
    std::uint64_t taken = 0, lost = 0;
    while (const auto heard = slow.next(500ms)) {
        ++taken;
        lost += heard->lost_before;
    }
    CHECK(taken >= 10);
    producer.produce({.payload = "after"});
    const auto last = slow.next(20s);
    REQUIRE(last);
    CHECK(last->message.payload == "after");
    CHECK(taken + lost + last->lost_before == 100);
    CHECK(slow.lost() == lost + last->lost_before);
}

TEST_CASE("a question finds its answer, and one that nobody answers ends in time") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("price.of");
    Requester prices(client);
    Client shop = daemon.connect();
    Worker worker(shop, "price.of", [&shop](Job& job) {
        answer(shop, job.message(), {.payload = "price of " + std::string(job.payload())});
        return Outcome::ok();
    });
    std::vector<std::future<HeardMessage>> asked;
    for (const char* what : {"apple", "pear", "plum"}) {
        asked.push_back(
            std::async(std::launch::async, [&prices, what] { return prices.ask("price.of", {.payload = what}, 20s); }));
    }
    CHECK(asked[0].get().message.payload == "price of apple");
    CHECK(asked[1].get().message.payload == "price of pear");
    CHECK(asked[2].get().message.payload == "price of plum");
    Admin(client).create_queue("nobody");
    try {
        prices.ask("nobody", {.payload = "hello"}, 300ms);
        FAIL("there was an answer");
    } catch (const Exception& late) {
        CHECK(late.error().code == ErrorCode::timed_out);
    }
}
