// Transactions through client and daemon: what is passed on is passed on exactly when its message is acked.
#include "baton/baton.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <string>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

Message plain_text(std::string payload) { return {std::move(payload), {}, {}, {}}; }

ErrorCode refusal_of(Transaction& transaction) {
    try {
        transaction.commit();
    } catch (const Exception& refused) {
        return refused.code();
    }
    return ErrorCode::ok;
}

}  // namespace

TEST_CASE("an order is acked, and its invoice and its mails are stored, together") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    for (const char* queue : {"orders", "invoices", "mails"}) {
        admin.create_queue(queue, {.profile = Profile::job});
    }
    Producer(client, "orders").produce(plain_text("order 7"));
    Consumer consumer(client, "orders");
    const auto order = consumer.receive(20s);
    REQUIRE(order);

    Transactions transactions(client);
    Transaction step = transactions.begin();
    step.ack(*order, JobResult{"done", "text/plain"});
    step.produce("invoices", plain_text("invoice 7"));
    step.produce("mails", plain_text("thanks"));
    step.produce("mails", plain_text("to the store"));
    step.upsert_schedule("reminder", {.queue = "mails", .timing = every(1h), .message = plain_text("pay!")});
    const TransactionReceipt receipt = step.commit();

    CHECK_FALSE(receipt.repeated);
    REQUIRE(receipt.receipts.size() == 3);
    CHECK(receipt.receipts[2].id.offset == 1);
    REQUIRE(receipt.schedule);
    CHECK(receipt.schedule->generation == 1);
    CHECK(admin.show_queue("orders").completed == 1);
    CHECK(admin.show_queue("invoices").waiting == 1);
    CHECK(admin.show_queue("mails").waiting + admin.show_queue("mails").leased >= 2);
    order->ack();  // Does nothing: it is settled.
    consumer.flush(20s);
    CHECK(admin.show_queue("orders").leased == 0);
}

TEST_CASE("a refused transaction leaves its messages with their holder") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("orders", {.profile = Profile::job});
    admin.create_queue("invoices");
    Producer(client, "orders").produce(plain_text("order 7"));
    Consumer consumer(client, "orders");
    const auto order = consumer.receive(20s);
    REQUIRE(order);
    Transactions transactions(client);
    Transaction step = transactions.begin();
    step.ack(*order);
    step.produce("invoices", plain_text("invoice 7"));
    step.produce("nowhere", plain_text("lost"));
    CHECK(refusal_of(step) == ErrorCode::queue_not_found);
    CHECK(admin.show_queue("invoices").waiting == 0);
    CHECK(admin.show_queue("orders").leased == 1);
    admin.create_queue("nowhere");
    CHECK_FALSE(step.commit().repeated);
    CHECK(admin.show_queue("orders").leased == 0);
    CHECK(admin.show_queue("nowhere").waiting == 1);
    CHECK(refusal_of(step) == ErrorCode::already_settled);
}

TEST_CASE("a commit that is tried again is carried out once") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("invoices");
    Transactions transactions(client);
    Transaction step = transactions.begin();
    step.produce("invoices", plain_text("invoice 7"));
    const TransactionReceipt first = step.commit();
    const TransactionReceipt again = step.commit();
    CHECK(again.repeated);
    REQUIRE(again.receipts.size() == 1);
    CHECK(again.receipts[0].duplicate);
    CHECK(again.receipts[0].id.offset == first.receipts[0].id.offset);
    CHECK(admin.show_queue("invoices").waiting == 1);
}

TEST_CASE("a worker's handler settles its job in a transaction") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("orders", {.profile = Profile::job});
    admin.create_queue("invoices");
    Producer(client, "orders").produce(plain_text("order 7"));
    Transactions transactions(client);
    std::promise<void> handled;
    Worker worker(client, "orders", [&](Job& job) {
        Transaction step = transactions.begin();
        step.ack(job.received());
        step.produce("invoices", plain_text("invoice for " + std::string(job.payload())));
        step.commit();
        handled.set_value();
    });
    REQUIRE(handled.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(worker.stop());
    CHECK(admin.show_queue("orders").completed == 1);
    CHECK(admin.show_queue("invoices").waiting == 1);
}
