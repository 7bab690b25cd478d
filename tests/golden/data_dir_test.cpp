// Every build opens the data directory of the first format and finds in it what data_dir_maker.cpp put there.
#include "tests/golden/golden_directory.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

namespace baton::test {

namespace {

/// The messages of a queue in one state, page by page.
std::vector<v1::StoredMessage> peek(WireClient& client, const std::string& queue, v1::MessageState state) {
    std::vector<v1::StoredMessage> messages;
    v1::ClientFrame frame;
    frame.mutable_peek()->set_queue(queue);
    frame.mutable_peek()->set_state(state);
    do {
        const v1::ServerFrame answer = client.ask(frame);
        INFO(answer.ShortDebugString());
        REQUIRE(answer.has_message_list());
        messages.insert(messages.end(), answer.message_list().messages().begin(),
                        answer.message_list().messages().end());
        frame.mutable_peek()->set_cursor(answer.message_list().next());
    } while (!frame.peek().cursor().empty());
    return messages;
}

/// What was given back before the restart may have been delivered again, so it is held for a moment.
void wait_until_waiting(WireClient& client, const std::string& queue, std::uint64_t count) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (show_queue(client, queue).waiting() < count) {
        REQUIRE(std::chrono::steady_clock::now() < until);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

v1::MessageList failed_in(WireClient& client, const std::string& queue) {
    v1::ClientFrame frame;
    frame.mutable_list_failed()->set_queue(queue);
    const v1::ServerFrame answer = client.ask(frame);
    REQUIRE(answer.has_message_list());
    return answer.message_list();
}

v1::Produced repeat(WireClient& client, const GoldenFacts& facts, std::uint64_t sequence) {
    v1::ClientFrame frame = produce_frame("plain", std::vector<std::string>(100, "a repeat"));
    frame.mutable_produce()->set_producer_id(golden_producer);
    frame.mutable_produce()->set_producer_created_ms(facts.producer_created_ms);
    frame.mutable_produce()->set_sequence(sequence);
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_produced());
    return answer.produced();
}

}  // namespace

TEST_CASE("the queues of the golden data directory have their settings and counts") {
    const GoldenDirectory golden;
    DaemonProcess daemon(golden.arguments(), golden.environment());
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();

    const v1::QueueInfo plain = show_queue(client, "plain");
    INFO(plain.ShortDebugString());
    CHECK(plain.waiting() + plain.leased() == 200);
    CHECK(plain.acked_total() == 110);
    CHECK(plain.produced_total() == 310);
    CHECK(plain.settings().max_attempts() == 20);
    const v1::QueueInfo jobs = show_queue(client, "jobs");
    CHECK(jobs.profile() == v1::JOB);
    CHECK(jobs.settings().max_attempts() == 2);
    CHECK(jobs.waiting() == 1);
    CHECK(jobs.failed() == 2);
    CHECK(jobs.delayed() == 1);
    CHECK(show_queue(client, "later").delayed() == 3);
    CHECK(show_queue(client, "dropping").waiting() == 5);
    CHECK(show_queue(client, "dropping").dropped_total() == 3);
    CHECK(show_queue(client, "purged").waiting() == 2);
    CHECK(show_queue(client, "purged").purged_total() == 20);
    CHECK(show_queue(client, "large").waiting() == 21);
    CHECK(show_queue(client, "letters").dead_lettered_total() == 1);
    CHECK(show_queue(client, "letters-dead").waiting() == 1);
    v1::ClientFrame gone, shop;
    gone.mutable_show_queue()->set_name("deleted");
    CHECK(client.ask(gone).error().code() == v1::QUEUE_NOT_FOUND);
    shop.set_namespace_("shop");
    shop.mutable_show_queue()->set_name("plain");
    CHECK(client.ask(shop).queue_info().waiting() == 1);

    const v1::QueueSettings every = show_queue(client, "every-setting").settings();
    CHECK(every.lease_ms() == 45'000);
    CHECK(every.max_attempts() == 7);
    CHECK(every.backoff().kind() == v1::Backoff::LIST);
    CHECK(every.backoff().cap_ms() == 60'000);
    CHECK(every.backoff().jitter_permille() == 250);
    CHECK(every.backoff().list_ms_size() == 2);
    CHECK(every.max_lease_losses() == 4);
    CHECK(every.max_deliveries() == 30);
    CHECK(every.dead_letter_queue() == "every-setting-dead");
    CHECK(every.max_message_bytes() == 65'536);
    CHECK(every.max_messages() == 100'000);
    CHECK(every.max_bytes() == 1 << 30);
    CHECK(every.overflow() == v1::DROP_OLDEST);
    CHECK(every.durability() == v1::OS);
    CHECK(every.paused());
}

TEST_CASE("the messages of the golden data directory say what they said") {
    const GoldenDirectory golden;
    DaemonProcess daemon(golden.arguments(), golden.environment());
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();

    wait_until_waiting(client, "plain", 200);
    const auto plain = peek(client, "plain", v1::WAITING);
    REQUIRE(plain.size() == 200);
    CHECK(plain[0].entry().payload() == "plain 50");
    CHECK(plain[0].deliveries() >= 1);
    CHECK(plain[10].entry().payload() == "plain 120");
    CHECK(plain[199].entry().payload() == "plain 309");

    const auto every = peek(client, "every-setting", v1::WAITING);
    REQUIRE(every.size() == 1);
    const v1::Entry& entry = every[0].entry();
    CHECK(entry.payload() == std::string("\0bytes\xff", 7));
    CHECK(entry.name() == "greeting");
    REQUIRE(entry.headers_size() == 2);
    CHECK(entry.headers(0).key() == "traceparent");
    CHECK(entry.headers(1).value() == std::string("\0\xff", 2));

    const auto later = peek(client, "later", v1::DELAYED);
    REQUIRE(later.size() == 3);
    CHECK(later[2].entry().payload() == "later 1");
    CHECK(later[2].at_ms() == 4'000'000'000'000);

    const auto large = peek(client, "large", v1::WAITING);
    REQUIRE(large.size() == 21);
    CHECK(large[20].entry().payload() == std::string(40'000, 'l'));
}

TEST_CASE("failed and dead-lettered messages keep their history") {
    const GoldenDirectory golden;
    DaemonProcess daemon(golden.arguments(), golden.environment());
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();

    const v1::MessageList failed = failed_in(client, "jobs");
    REQUIRE(failed.messages_size() == 2);
    const v1::StoredMessage& twice = failed.messages(0);
    INFO(twice.ShortDebugString());
    CHECK(twice.entry().payload() == "job 0");
    CHECK(twice.failures() == 2);
    CHECK(twice.deliveries() == 2);
    CHECK(twice.reason() == "attempts_exhausted");
    REQUIRE(twice.attempts_size() == 2);
    CHECK(twice.attempts(0).reason() == "first try");
    CHECK(twice.attempts(0).worker() == "golden-worker");
    CHECK(twice.attempts(1).reason() == "second try");
    CHECK(twice.attempts(1).at_ms() >= twice.attempts(0).at_ms());
    CHECK(failed.messages(1).reason() == "rejected");

    const auto dead = peek(client, "letters-dead", v1::WAITING);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].entry().payload() == "to nobody");
    CHECK(dead[0].origin().queue() == "letters");
    REQUIRE(dead[0].origin().attempts_size() == 1);
    CHECK(dead[0].origin().attempts(0).reason() == "unknown street");
}

TEST_CASE("producers and the holders of leases go on from the golden data directory") {
    const GoldenDirectory golden;
    const GoldenFacts& facts = golden.facts();
    DaemonProcess daemon(golden.arguments(), golden.environment());
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    REQUIRE(client.hello(facts.session_id, facts.session_secret).resumed());

    v1::ClientFrame open;
    open.mutable_open_consumer()->set_consumer_id(7);
    open.mutable_open_consumer()->set_queue("held");
    open.mutable_open_consumer()->set_redeclared(true);
    open.mutable_open_consumer()->add_held_batches(facts.token_batch);
    REQUIRE(client.ask(open).has_done());
    CHECK(show_queue(client, "held").leased() == 2);
    v1::Token token;
    token.set_epoch(facts.token_epoch);
    token.set_queue_id(facts.token_queue);
    token.set_batch(facts.token_batch);
    v1::ClientFrame ack;
    add_settlement(ack, token, 0, 2).mutable_ack();
    CHECK(settle(client, ack).refusals_size() == 0);
    CHECK(show_queue(client, "held").acked_total() == 2);
    CHECK(payloads_in(fetch(client, 10, 7)) == std::vector<std::string>{"held 2"});

    for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
        const v1::Produced again = repeat(client, facts, sequence);
        CHECK(again.duplicate());
        CHECK(again.first_offset() == (sequence - 1) * 100);
    }
    CHECK_FALSE(repeat(client, facts, 5).duplicate());
    CHECK(show_queue(client, "plain").produced_total() == 410);

    daemon.signal(SIGTERM);
    CHECK(daemon.wait_for_end().code == 0);
}

}  // namespace baton::test
