// Topics with the real daemon: every subscription gets everything once, over a kill, and a later one replays.
#include "baton/topics.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/drained.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

TEST_CASE("every subscription has what was published, once, over a kill between them") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    topics.create("order.created");
    topics.subscribe("order.created", "mail");
    topics.subscribe("order.created", "stock");
    Producer producer(client, "order.created");
    std::vector<std::string> all;
    for (int i = 0; i < 50; ++i) {
        all.push_back("order " + std::to_string(i));
        CHECK(producer.produce({.payload = all.back()}).subscriptions == 2);
    }
    CHECK(drained(client, "order.created/mail", 50) == all);
    daemon.kill();
    daemon.start();
    CHECK(topics.show("order.created").end_offset == 50);
    CHECK(drained(client, "order.created/stock", 50) == all);
    CHECK(Admin(client).show_queue("order.created/mail").waiting == 0);

    topics.subscribe("order.created", "analytics", {.start = Start::beginning()});
    topics.subscribe("order.created", "late", {.start = Start::offset(48)});
    CHECK(drained(client, "order.created/analytics", 50) == all);
    CHECK(drained(client, "order.created/late", 2) == std::vector<std::string>{"order 48", "order 49"});
    CHECK(topics.subscriptions("order.created").size() == 4);

    CHECK(topics.seek("order.created", "mail", Start::offset(49), {.dry_run = true}).messages == 1);
    CHECK(topics.seek("order.created", "mail", Start::offset(49)).messages == 1);
    CHECK(drained(client, "order.created/mail", 1) == std::vector<std::string>{"order 49"});
    CHECK(topics.trim("order.created", 10).messages == 10);
    topics.unsubscribe("order.created", "late");
    topics.remove("order.created");
    CHECK(topics.list().empty());
}

TEST_CASE("a subscription fails by itself, and others have what it could not do") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    Admin admin(client);
    topics.create("order.created", {.topic = {.retention = Retention{100, {}, {}}, .interest = {}}, .settings = {}});
    topics.subscribe("order.created", "mail", {.settings = {.max_attempts = 1}});
    topics.subscribe("order.created", "stock", {.hold = true});
    Producer(client, "order.created").produce({.payload = "bad"});
    std::promise<void> told;
    Consumer mail(client, "order.created/mail");
    mail.receive(20s).value().fail({.reason = "no address", .terminal = true},
                                   [&](const Result<SettleReport>&) { told.set_value(); });
    REQUIRE(told.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(drained(client, "order.created/stock", 1) == std::vector<std::string>{"bad"});
    const auto failed = admin.list_failed("order.created/mail").messages;
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].attempts.back().reason == "no address");
    CHECK(admin.retry_failed("order.created/mail", {}).messages == 1);
    CHECK(mail.receive(20s).value().payload() == "bad");
}

TEST_CASE("what is no topic, or no queue, is refused by its code") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    Admin(client).create_queue("plain");
    topics.create("order.created");
    topics.subscribe("order.created", "mail");
    const auto code_of = [](auto&& call) {
        try {
            call();
        } catch (const Exception& fault) {
            return fault.code();
        }
        return ErrorCode::ok;
    };
    CHECK(code_of([&] { topics.create("plain"); }) == ErrorCode::queue_exists);
    CHECK(code_of([&] { topics.remove("plain"); }) == ErrorCode::wrong_kind);
    CHECK(code_of([&] { topics.subscribe("nowhere", "mail"); }) == ErrorCode::queue_not_found);
    CHECK(code_of([&] { Producer(client, "order.created/mail").produce({.payload = "x"}); }) == ErrorCode::wrong_kind);
    CHECK(code_of([&] { Admin(client).delete_queue("order.created"); }) == ErrorCode::wrong_kind);
    CHECK(code_of([&] { topics.subscribe("order.created", "a b"); }) == ErrorCode::invalid_argument);
}

TEST_CASE("a topic that asks for it knows when and to whom each message went, over a kill") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    TopicOptions options;
    options.topic.delivery_log = true;
    topics.create("orders", options);
    topics.subscribe("orders", "mail");
    topics.subscribe("orders", "idle");
    topics.subscribe("orders", "some", {.filter = Filter{}});
    Producer producer(client, "orders");
    producer.produce({.payload = "0"});
    const std::uint64_t offset = producer.produce({.payload = "a"}).id.offset;
    CHECK(drained(client, "orders/mail", 2) == std::vector<std::string>{"0", "a"});
    CHECK(drained(client, "orders/some", 2) == std::vector<std::string>{"0", "a"});
    daemon.kill();
    daemon.start();
    const auto logs = topics.delivery_log(topics.trace("orders", offset));
    REQUIRE(logs.size() == 2);  // Which of its messages it was, "some" does not know any more.
    CHECK(logs[0].subscription == "orders/idle");
    CHECK(logs[0].events.empty());
    CHECK_FALSE(logs[1].incomplete);
    REQUIRE(logs[1].events.size() == 2);
    CHECK(logs[1].events[0].type == EventType::active);
    CHECK_FALSE(logs[1].events[0].text.empty());
    CHECK(logs[1].events[0].at_ms > 0);
    CHECK(logs[1].events[1].type == EventType::completed);
}
