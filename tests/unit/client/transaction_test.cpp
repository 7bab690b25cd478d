#include "baton/transaction.hpp"

#include "baton/admin.hpp"
#include "client/sequence_window.hpp"
#include "tests/unit/client/fake_server.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <optional>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

/// A client with a server that answers what the test tells it to.
class TransactionSetup {
public:
    explicit TransactionSetup(std::chrono::milliseconds timeout = 10s) {
        ClientOptions options;
        options.reconnect_base = 1ms;
        options.reconnect_cap = 5ms;
        options.request_timeout = timeout;
        auto connecting = std::async(std::launch::async, [&] { return Client::connect(server_.address(), options); });
        connection_.emplace(server_.accept());
        connection_->welcome();
        client_.emplace(connecting.get());
        transactions_.emplace(*client_);
    }
    ~TransactionSetup() { client_->close(0ms); }

    FakeConnection& connection() { return *connection_; }
    void reconnect() {
        connection_->close();
        connection_.emplace(server_.accept());
        connection_->welcome(2);
    }
    Transaction begin(const std::string& payload = "invoice") {
        Transaction step = transactions_->begin();
        step.produce("invoices", {.payload = payload});
        return step;
    }
    std::future<TransactionReceipt> commit(Transaction& step) {
        return std::async(std::launch::async, [&step] { return step.commit(); });
    }
    void answer(std::uint64_t request_id, std::uint64_t offset) {
        v1::ServerFrame frame;
        frame.set_request_id(request_id);
        v1::Produced& produced = *frame.mutable_transaction_done()->add_produced();
        produced.set_queue_id(5);
        produced.set_first_offset(offset);
        produced.set_count(1);
        connection().send(frame);
    }
    /// Begins one, has it carried out, and returns its frame.
    v1::ClientFrame carry_out(Transaction& step) {
        auto receipt = commit(step);
        const v1::ClientFrame frame = connection().read();
        answer(frame.request_id(), 7);
        receipt.get();
        return frame;
    }

private:
    FakeServer server_;
    std::optional<FakeConnection> connection_;
    std::optional<Client> client_;
    std::optional<Transactions> transactions_;
};

std::uint64_t sequence_of(const v1::ClientFrame& frame) { return frame.transaction().produces(0).sequence(); }
std::uint64_t acked_through(const v1::ClientFrame& frame) { return frame.transaction().produces(0).acked_through(); }

ErrorCode code_of(Transaction& step) {
    try {
        step.commit();
    } catch (const Exception& error) {
        return error.code();
    }
    return ErrorCode::ok;
}

}  // namespace

TEST_CASE("a transaction whose answer was lost is repeated as it was") {
    TransactionSetup setup;
    Transaction step = setup.begin();
    auto receipt = setup.commit(step);
    const v1::ClientFrame first = setup.connection().read();
    setup.reconnect();
    const v1::ClientFrame again = setup.connection().read();
    CHECK(again.SerializeAsString() == first.SerializeAsString());
    setup.answer(again.request_id(), 17);
    CHECK(receipt.get().receipts.at(0).id.offset == 17);
}

TEST_CASE("a transaction that was carried out is over, and says so when it is committed again") {
    TransactionSetup setup;
    Transaction first = setup.begin();
    CHECK(sequence_of(setup.carry_out(first)) == 1);

    const TransactionReceipt again = first.commit();
    CHECK(again.repeated);
    CHECK(again.receipts.at(0).duplicate);
    CHECK(again.receipts.at(0).id.offset == 7);

    Transaction second = setup.begin();
    const v1::ClientFrame frame = setup.carry_out(second);
    CHECK(sequence_of(frame) == 2);
    CHECK(acked_through(frame) == 1);
}

TEST_CASE(
    "behind a transaction whose commit failed and that lives on there is room for so many, and no wait without end") {
    TransactionSetup setup(5s);
    Transaction failed = setup.begin();
    CHECK(code_of(failed) == ErrorCode::timed_out);
    setup.connection().read();
    for (std::uint64_t i = 1; i < detail::SequenceWindow::open_max; ++i) {
        Transaction step = setup.begin();
        CHECK(sequence_of(setup.carry_out(step)) == i + 1);
    }
    Transaction refused = setup.begin();
    CHECK(code_of(refused) == ErrorCode::too_many_requests);
    { const Transaction gone = std::move(failed); }
    CHECK(sequence_of(setup.carry_out(refused)) == detail::SequenceWindow::open_max + 1);
}

TEST_CASE("a transaction that is larger than a frame is refused before it is sent") {
    FakeServer server;
    auto connecting = std::async(std::launch::async, [&] { return Client::connect(server.address()); });
    FakeConnection connection = server.accept();
    v1::ServerFrame welcome;
    welcome.set_request_id(connection.read().request_id());
    welcome.mutable_welcome()->set_protocol_version(1);
    welcome.mutable_welcome()->mutable_limits()->set_in_flight_requests(10);
    welcome.mutable_welcome()->mutable_limits()->set_message_bytes(1024);
    welcome.mutable_welcome()->mutable_limits()->set_frame_bytes(2'000);
    connection.send(welcome);
    Client client = connecting.get();
    Transactions transactions(client);
    Transaction large = transactions.begin();
    for (int i = 0; i < 3; ++i) {
        large.produce("invoices", {.payload = std::string(900, 'x')});
    }
    CHECK(code_of(large) == ErrorCode::frame_too_large);
    auto listed = std::async(std::launch::async, [&] { return Admin(client).list_queues(); });
    v1::ServerFrame list;
    const v1::ClientFrame next = connection.read();
    REQUIRE(next.has_list_queues());
    list.set_request_id(next.request_id());
    list.mutable_queue_list();
    connection.send(list);
    listed.get();
    client.close(0ms);
}
