// Makes the golden data directory. Not part of a test run: make_data_dir.sh calls it, and the result is committed. What
// it does is what data_dir_test.cpp finds again; it is never changed for a format that was released.
#include "tests/golden/data_dir_facts.hpp"
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace baton::test {

namespace {

constexpr std::uint64_t year_ms = 365ULL * 24 * 3'600 * 1'000;

std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> numbered(const std::string& word, int from, int count) {
    std::vector<std::string> payloads;
    for (int i = from; i < from + count; ++i) {
        payloads.push_back(word + " " + std::to_string(i));
    }
    return payloads;
}

void store(WireClient& client, const v1::ClientFrame& frame) {
    const v1::ServerFrame answer = client.ask(frame);
    INFO(answer.ShortDebugString());
    REQUIRE(answer.has_produced());
    REQUIRE_FALSE(answer.produced().duplicate());
}

void store_plain(WireClient& client, const GoldenFacts& facts, std::uint64_t sequence, int from, int count) {
    v1::ClientFrame frame = produce_frame("plain", numbered("plain", from, count));
    frame.mutable_produce()->set_producer_id(golden_producer);
    frame.mutable_produce()->set_producer_created_ms(facts.producer_created_ms);
    frame.mutable_produce()->set_sequence(sequence);
    store(client, frame);
}

/// 300 messages, of which 0 to 49 and 60 to 119 are acked and ten are released.
void make_plain(WireClient& client, const GoldenFacts& facts) {
    create_queue(client, "plain");
    for (int batch = 0; batch < 3; ++batch) {
        store_plain(client, facts, static_cast<std::uint64_t>(batch) + 1, batch * 100, 100);
    }
    open_consumer(client, "plain", 0, 1);
    const v1::Delivery delivery = fetch(client, 120, 1);
    REQUIRE(messages_in(delivery) == 120);
    v1::ClientFrame frame;
    add_settlement(frame, delivery.token(), 0, 50).mutable_ack();
    add_settlement(frame, delivery.token(), 60, 60).mutable_ack();
    add_settlement(frame, delivery.token(), 50, 10).mutable_release();
    REQUIRE(settle(client, frame).refusals_size() == 0);
}

void make_every_setting(WireClient& client) {
    create_queue(client, "every-setting-dead");
    v1::QueueSettings settings;
    settings.set_lease_ms(45'000);
    settings.set_max_attempts(7);
    v1::Backoff& backoff = *settings.mutable_backoff();
    backoff.set_kind(v1::Backoff::LIST);
    backoff.set_cap_ms(60'000);
    backoff.set_jitter_permille(250);
    backoff.add_list_ms(500);
    backoff.add_list_ms(9'000);
    settings.set_max_lease_losses(4);
    settings.set_max_deliveries(30);
    settings.set_dead_letter_queue("every-setting-dead");
    settings.set_max_message_bytes(65'536);
    settings.set_max_messages(100'000);
    settings.set_max_bytes(1 << 30);
    settings.set_overflow(v1::DROP_OLDEST);
    settings.set_message_ttl_ms(9 * year_ms);
    settings.set_durability(v1::OS);
    settings.set_paused(true);
    create_queue(client, "every-setting", settings);

    v1::ClientFrame frame = produce_frame("every-setting", {std::string("\0bytes\xff", 7)});
    v1::Entry& entry = *frame.mutable_produce()->mutable_entries(0);
    entry.set_name("greeting");
    v1::Header& trace = *entry.add_headers();
    trace.set_key("traceparent");
    trace.set_value("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    v1::Header& binary = *entry.add_headers();
    binary.set_key("binary");
    binary.set_value(std::string("\0\xff", 2));
    store(client, frame);
}

/// Takes the next message of `queue` by its consumer 2 and fails it.
void fail_next(WireClient& client, const std::string& reason, bool terminal, std::uint64_t retry_after_ms) {
    const v1::Delivery delivery = fetch(client, 1, 2, 5'000);
    REQUIRE(messages_in(delivery) == 1);
    v1::ClientFrame frame;
    v1::FailAction& fail = *add_settlement(frame, delivery.token(), delivery.runs(0).first_offset(), 1).mutable_fail();
    fail.set_reason(reason);
    fail.set_terminal(terminal);
    fail.set_retry_after_ms(retry_after_ms);
    REQUIRE(settle(client, frame).refusals_size() == 0);
}

/// Two failed messages, one that waits for its retry for nine years, one that waits.
void make_jobs(WireClient& client) {
    v1::ClientFrame create;
    create.mutable_create_queue()->set_name("jobs");
    create.mutable_create_queue()->set_profile(v1::JOB);
    create.mutable_create_queue()->mutable_settings()->set_max_attempts(2);
    REQUIRE(client.ask(create).has_queue_info());
    store(client, produce_frame("jobs", numbered("job", 0, 4)));
    v1::ClientFrame open;
    open.mutable_open_consumer()->set_consumer_id(2);
    open.mutable_open_consumer()->set_queue("jobs");
    open.mutable_open_consumer()->set_worker("golden-worker");
    REQUIRE(client.ask(open).has_done());
    fail_next(client, "first try", false, 0);
    fail_next(client, "second try", false, 0);
    fail_next(client, "no such address", true, 0);
    fail_next(client, "come back later", false, 9 * year_ms);
}

void make_letters(WireClient& client) {
    create_queue(client, "letters-dead");
    v1::QueueSettings settings;
    settings.set_dead_letter_queue("letters-dead");
    create_queue(client, "letters", settings);
    store(client, produce_frame("letters", {"to nobody"}));
    v1::ClientFrame close;
    close.mutable_close_consumer()->set_consumer_id(2);
    REQUIRE(client.ask(close).has_done());
    open_consumer(client, "letters", 0, 2);
    fail_next(client, "unknown street", true, 0);
}

void make_others(WireClient& client) {
    create_queue(client, "later");
    v1::ClientFrame later = produce_frame("later", numbered("later", 0, 3));
    later.mutable_produce()->mutable_defaults()->set_delay_ms(8 * year_ms);
    v1::IndexedOptions& own = *later.mutable_produce()->add_options();
    own.set_index(1);
    own.mutable_options()->set_due_ms(4'000'000'000'000);
    own.mutable_options()->set_lease_ms(77'000);
    store(client, later);

    v1::QueueSettings settings;
    settings.set_max_messages(5);
    settings.set_overflow(v1::DROP_OLDEST);
    create_queue(client, "dropping", settings);
    store(client, produce_frame("dropping", numbered("drop", 0, 4)));
    store(client, produce_frame("dropping", numbered("drop", 4, 4)));

    for (const char* name : {"purged", "deleted", "large"}) {
        create_queue(client, name);
        store(client, produce_frame(name, numbered(name, 0, 20)));
    }
    v1::ClientFrame purge, deletion, elsewhere;
    purge.mutable_purge_queue()->set_name("purged");
    REQUIRE(client.ask(purge).has_counted());
    store(client, produce_frame("purged", numbered("purged", 20, 2)));
    deletion.mutable_delete_queue()->set_name("deleted");
    REQUIRE_FALSE(client.ask(deletion).has_error());
    store(client, produce_frame("large", {std::string(40'000, 'l')}));

    elsewhere.set_namespace_("shop");
    elsewhere.mutable_create_queue()->set_name("plain");
    REQUIRE(client.ask(elsewhere).has_queue_info());
    v1::ClientFrame one = produce_frame("plain", {"of the shop"});
    one.set_namespace_("shop");
    store(client, one);
}

/// Two leases of twelve hours, long enough in hand to have a record, one of them started.
void hold(WireClient& client, GoldenFacts& facts) {
    v1::QueueSettings settings;
    settings.set_lease_ms(12 * 3'600 * 1'000);
    create_queue(client, "held", settings);
    store(client, produce_frame("held", numbered("held", 0, 3)));
    open_consumer(client, "held", 0, 7);
    const v1::Delivery delivery = fetch(client, 2, 7);
    REQUIRE(messages_in(delivery) == 2);
    v1::ClientFrame started;
    add_settlement(started, delivery.token(), 0, 1).mutable_started();
    settle(client, started);
    facts.token_epoch = delivery.token().epoch();
    facts.token_queue = delivery.token().queue_id();
    facts.token_batch = delivery.token().batch();
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
}

}  // namespace

TEST_CASE("makes the golden data directory", "[.][make]") {
    const char* out = std::getenv("BATON_GOLDEN_OUT");
    REQUIRE(out != nullptr);
    const std::vector<std::string> arguments = usual_arguments(std::string(out) + "/data");
    GoldenFacts facts;
    facts.producer_created_ms = now_ms();
    {
        // One life that ends as it should: what it leaves lies in sorted files.
        DaemonProcess daemon(arguments);
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        make_plain(client, facts);
        make_every_setting(client);
        make_jobs(client);
        make_letters(client);
        make_others(client);
        daemon.signal(SIGTERM);
        REQUIRE(daemon.wait_for_end().code == 0);
    }
    // And one that is killed: what it leaves lies in the log.
    DaemonProcess daemon(arguments);
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    const v1::Welcome welcome = client.hello();
    facts.session_id = welcome.session_id();
    facts.session_secret = welcome.session_secret();
    hold(client, facts);
    store_plain(client, facts, 4, 300, 10);
    facts.made_ms = now_ms();
    daemon.signal(SIGKILL);
    daemon.wait_for_end();
    write_facts(facts, std::string(out) + "/facts.txt");
}

}  // namespace baton::test
