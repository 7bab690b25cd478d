#include "baton/io_thread.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

ClientOptions on(const std::shared_ptr<IoThread>& io_thread) {
    ClientOptions options;
    options.io_thread = io_thread;
    return options;
}

std::thread::id thread_of(const Client& client, const std::string& queue) {
    Producer producer(client, queue);
    EncodedBatch batch = producer.new_batch();
    batch.add("one");
    std::promise<std::thread::id> answered;
    producer.send_batch(std::move(batch),
                        [&answered](const Result<BatchReceipt>&) { answered.set_value(std::this_thread::get_id()); });
    return answered.get_future().get();
}

}  // namespace

TEST_CASE("clients with one network thread answer on it, and outlive each other") {
    RunningDaemon daemon;
    Client alone = daemon.connect();
    Admin admin(alone);
    admin.create_queue("shared");
    auto io_thread = std::make_shared<IoThread>();
    std::vector<Client> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(Client::connect(daemon.address(), on(io_thread)));
    }
    io_thread.reset();  // The clients keep it.
    const std::thread::id shared = thread_of(clients[0], "shared");
    CHECK(thread_of(clients[3], "shared") == shared);
    CHECK(thread_of(alone, "shared") != shared);
    clients[0].close();
    clients.erase(clients.begin());
    CHECK(thread_of(clients[0], "shared") == shared);

    ConsumerOptions options;
    options.credit_messages = 10;
    Consumer consumer(clients[1], "shared", options);
    for (int i = 0; i < 4; ++i) {
        const auto message = consumer.receive(10s);
        REQUIRE(message);
        message->ack();
    }
    consumer.flush();
    CHECK(admin.show_queue("shared").waiting == 0);
}

TEST_CASE("a client that is closed in its own callback leaves the others of the thread at work") {
    RunningDaemon daemon;
    const auto io_thread = std::make_shared<IoThread>();
    Client closing = Client::connect(daemon.address(), on(io_thread));
    Client staying = Client::connect(daemon.address(), on(io_thread));
    Admin(staying).create_queue("q");
    Producer producer(closing, "q");
    EncodedBatch batch = producer.new_batch();
    batch.add("one");
    std::promise<void> closed;
    producer.send_batch(std::move(batch), [&](const Result<BatchReceipt>&) {
        closing.close();
        closed.set_value();
    });
    REQUIRE(closed.get_future().wait_for(10s) == std::future_status::ready);
    CHECK_FALSE(closing.connected());
    CHECK(Admin(staying).show_queue("q").waiting == 1);
}
