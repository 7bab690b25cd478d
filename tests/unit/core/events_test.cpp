// The event log of a queue and those who follow it.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

using Told = std::tuple<EventType, Offset, std::uint32_t>;

void create_told(Broker& broker, QueueSettingsChange settings = {}) {
    settings.backoff = Backoff{Backoff::Kind::fixed, 100, 100, 0, {}};
    broker.expect<QueueInfo>(CreateQueue{"told", Profile::job, std::move(settings), false});
    broker.consume("told", 0);
}

StreamEvents stream_from(std::optional<std::uint64_t> from, std::uint32_t credit = 1'000) {
    StreamEvents stream;
    stream.stream = 1;
    stream.queue = "told";
    stream.from_seq = from;
    stream.credit = credit;
    return stream;
}

/// What was sent since the last call, in order; numbers must ascend.
std::vector<Told> told(Broker& broker) {
    std::vector<Told> all;
    std::uint64_t last = 0;
    for (const EventBatch& batch : broker.take_events()) {
        for (const EventBatch::Sent& sent : batch.events) {
            CHECK(sent.seq > last);
            last = sent.seq;
            all.emplace_back(sent.event.type, sent.event.first, sent.event.count);
        }
    }
    return all;
}

/// Everything that is kept, read from the start on a stream of its own.
std::vector<EventBatch::Sent> log_of(Broker& broker) {
    StreamEvents stream = stream_from(0, limits::event_credit_max);
    stream.stream = 99;
    broker.expect<Done>(stream);
    std::vector<EventBatch::Sent> all;
    for (EventBatch& batch : broker.take_events()) {
        if (batch.stream == 99) {
            all.insert(all.end(), batch.events.begin(), batch.events.end());
        }
    }
    broker.expect<Done>(CloseEvents{99});
    return all;
}

std::vector<EventType> types_of(Broker& broker) {
    std::vector<EventType> types;
    for (const EventBatch::Sent& sent : log_of(broker)) {
        types.push_back(sent.event.type);
    }
    return types;
}

}  // namespace

TEST_CASE("a batch of jobs is told in ranges, in the order in which it happened") {
    Broker broker;
    create_told(broker);
    broker.expect<Done>(stream_from({}));
    broker.take_events();
    broker.produce("told", std::vector<std::string>(200, "x"));
    CHECK(told(broker) == std::vector<Told>{{EventType::added, 0, 200}, {EventType::waiting, 0, 200}});
    const auto held = broker.fetch(200);
    CHECK(told(broker) == std::vector<Told>{{EventType::active, 0, 200}});
    Settle settle;
    settle.settlements.push_back({held[0].token, {{0, 200}}, Ack{}});
    broker.expect<Settled>(settle);
    CHECK(told(broker) == std::vector<Told>{{EventType::completed, 0, 200}, {EventType::drained, 0, 0}});
}

TEST_CASE("a job's life is told step by step, with the reasons") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 2;
    settings.lease_ms = 1'000;
    create_told(broker, settings);
    EntryOptions later;
    later.delay_ms = 50;
    broker.produce("told", {"a"}, later);
    broker.advance(50);
    broker.fail(broker.fetch(1).front(), "no luck");
    broker.advance(100);
    broker.settle_ok(broker.fetch(1).front(), Started{});
    broker.advance(1'000);
    broker.fail(broker.fetch(1).front(), "never");
    using enum EventType;
    CHECK(types_of(broker) == std::vector<EventType>{added, delayed, waiting, active, attempt_failed, delayed, waiting,
                                                     active, stalled, waiting, active, EventType::failed});
    const auto log = log_of(broker);
    CHECK(log[4].event.detail->text == "no luck");
    CHECK(log[8].event.detail->text == "lease expired");
    CHECK(log[11].event.detail->text == "never");
    CHECK(log[11].seq == 12);
    CHECK(log[1].at + 50 == log[2].at);
}

TEST_CASE("what else happens to jobs and their queue is told too") {
    Broker broker;
    broker.create("graves");
    QueueSettingsChange settings;
    settings.max_messages = 2;
    settings.overflow = Overflow::drop_oldest;
    create_told(broker, settings);
    broker.produce("told", {"a", "b"});
    broker.produce("told", {"c"});
    broker.expect<JobsRemoved>(RemoveJobs{"told", {1}});
    broker.expect<Counted>(PurgeQueue{"told", false});
    QueueSettingsChange pause;
    pause.paused = true;
    pause.dead_letter_queue = "graves";
    broker.update("told", pause);
    pause.paused = false;
    broker.update("told", pause);
    EntryOptions brief;
    brief.ttl_ms = 10;
    broker.produce("told", {"d"}, brief);
    broker.advance(10);
    broker.fetch(1);
    broker.expect<Done>(EmitEvent{"told", "deployed", "v7", {}});
    using enum EventType;
    CHECK(types_of(broker) == std::vector<EventType>{added, waiting, dropped, added, waiting, removed,
                                                     EventType::purged, EventType::paused, resumed, added, waiting,
                                                     dead_lettered, custom});
    const auto log = log_of(broker);
    CHECK(log[11].event.detail->text == "graves");
    CHECK(log.back().event.detail->text == "deployed");
    CHECK(log.back().event.detail->data == "v7");
}

TEST_CASE("a follower goes on from any number, also after a restart") {
    Broker broker;
    create_told(broker);
    for (int i = 0; i < 5; ++i) {
        broker.produce("told", {"x"});
    }
    broker.restart();
    broker.connect(2);
    broker.expect<Done>(stream_from(7));
    const auto batches = broker.take_events();
    REQUIRE(!batches.empty());
    CHECK(batches.front().events.front().seq == 7);
    CHECK(batches.back().next_seq == 11);
    CHECK(batches.back().caught_up);
    broker.produce("told", {"y"});
    const auto live = broker.take_events();
    REQUIRE(live.size() == 1);
    CHECK(live[0].events.front().seq == 11);
    CHECK(live[0].caught_up);
}

TEST_CASE("a follower gets no more than its credit, and then goes on where it was") {
    Broker broker;
    create_told(broker);
    broker.expect<Done>(stream_from(0, 3));
    for (int i = 0; i < 4; ++i) {
        broker.produce("told", {"x"});
    }
    std::size_t sent = 0;
    for (const EventBatch& batch : broker.take_events()) {
        sent += batch.events.size();
    }
    CHECK(sent == 3);
    broker.expect<Done>(CreditEvents{1, 2});
    auto more = broker.take_events();
    REQUIRE(more.size() == 1);
    CHECK(more[0].events.size() == 2);
    CHECK(more[0].events[0].seq == 4);
    CHECK_FALSE(more[0].caught_up);
    broker.expect<Done>(CreditEvents{1, 100});
    more = broker.take_events();
    REQUIRE(!more.empty());
    CHECK(more.back().caught_up);
    CHECK(more.back().next_seq == 9);
}

TEST_CASE("a follower may want some types, or one job alone") {
    Broker broker;
    create_told(broker);
    StreamEvents types = stream_from({});
    types.types = event_bit(EventType::completed) | event_bit(EventType::drained);
    broker.expect<Done>(types);
    StreamEvents job = stream_from({});
    job.stream = 2;
    job.offset = 1;
    broker.expect<Done>(job);
    broker.take_events();
    broker.produce("told", {"a", "b", "c"});
    const auto held = broker.fetch(3);
    broker.ack(held[0]);
    std::vector<EventType> by_type, of_job;
    for (const EventBatch& batch : broker.take_events()) {
        for (const EventBatch::Sent& sent : batch.events) {
            (batch.stream == 1 ? by_type : of_job).push_back(sent.event.type);
        }
    }
    CHECK(by_type == std::vector<EventType>{EventType::completed});
    CHECK(of_job == std::vector<EventType>{EventType::added, EventType::waiting, EventType::active});
}

TEST_CASE("events are capped by count, and a follower is told what it missed") {
    Broker broker;
    QueueSettingsChange settings;
    settings.event_retention.messages = 4;
    create_told(broker, settings);
    for (int i = 0; i < 10; ++i) {
        broker.produce("told", {"x"});
    }
    CHECK(broker.show("told").first_event == 17);
    CHECK(broker.show("told").next_event == 21);
    broker.expect<Done>(stream_from(5));
    const auto batches = broker.take_events();
    REQUIRE(!batches.empty());
    CHECK(batches.front().missed_first == 5);
    CHECK(batches.front().missed_last == 16);
    std::vector<std::uint64_t> numbers;
    for (const EventBatch& batch : batches) {
        for (const EventBatch::Sent& sent : batch.events) {
            numbers.push_back(sent.seq);
        }
    }
    CHECK(numbers == std::vector<std::uint64_t>{17, 18, 19, 20});
    CHECK(broker.expect<Counted>(TrimEvents{"told", 1}).messages == 3);
    CHECK(log_of(broker).size() == 1);
}

TEST_CASE("events go by bytes and by age, chunk by chunk") {
    Broker broker;
    QueueSettingsChange settings;
    settings.event_retention.messages = 0;
    settings.event_retention.bytes = 200;
    settings.event_retention.age_ms = 10'000;
    create_told(broker, settings);
    for (int i = 0; i < 30; ++i) {
        broker.produce("told", {"x"});
        broker.advance(limits::retention_every_ms);
    }
    const std::uint64_t kept = broker.show("told").next_event - broker.show("told").first_event;
    CHECK(kept >= 8);
    CHECK(kept <= 14);
    broker.advance(20'000);
    CHECK(broker.show("told").first_event == broker.show("told").next_event);
    CHECK(log_of(broker).empty());
    broker.restart();
    broker.connect(2);
    broker.produce("told", {"x"});
    CHECK(log_of(broker).front().seq == 61);
}

TEST_CASE("a stream ends with its connection and with its queue") {
    Broker broker;
    create_told(broker);
    broker.connect(2);
    broker.expect<Done>(stream_from({}));
    broker.lose(2);
    broker.take_events();
    broker.use(1);
    broker.produce("told", {"x"});
    CHECK(broker.take_events().empty());
    broker.expect<Done>(stream_from({}));
    broker.take_events();
    broker.expect<Done>(DeleteQueue{"told"});
    const auto over = broker.take_events();
    REQUIRE(over.size() == 1);
    CHECK_FALSE(over[0].closed.empty());
    CHECK(broker.refusal(CreditEvents{1, 5}) == RefusalCode::stream_not_found);
}

TEST_CASE("what is refused about events") {
    Broker broker;
    broker.create("quiet");
    StreamEvents stream = stream_from({});
    stream.queue = "quiet";
    CHECK(broker.refusal(stream) == RefusalCode::events_not_kept);
    stream.queue = "none";
    CHECK(broker.refusal(stream) == RefusalCode::queue_not_found);
    create_told(broker);
    broker.expect<Done>(stream_from({}));
    CHECK(broker.refusal(stream_from({})) == RefusalCode::invalid_argument);
    for (std::uint64_t i = 2; i <= limits::event_streams_per_connection_max; ++i) {
        stream = stream_from({});
        stream.stream = i;
        broker.expect<Done>(stream);
    }
    stream.stream = 1'000;
    const auto refusal = broker.expect<Refusal>(stream);
    CHECK(refusal.code == RefusalCode::too_many_streams);
    CHECK(refusal.limit == limits::event_streams_per_connection_max);
}

TEST_CASE("what was asked for again is told with the message that is there, and the name of both") {
    Broker broker;
    create_told(broker);
    EntryOptions options;
    options.id = "order 7";
    options.dedup = Dedup{"page"};
    options.delay_ms = 1'000;
    broker.produce("told", {"a"}, options);
    broker.produce("told", {"b"}, options);
    options.id.reset();
    broker.produce("told", {"c"}, options);
    options.dedup->replace = true;
    broker.produce("told", {"d"}, options);
    std::vector<std::tuple<EventType, Offset, std::string>> again;
    for (const EventBatch::Sent& sent : log_of(broker)) {
        if (sent.event.type == EventType::duplicated || sent.event.type == EventType::deduplicated) {
            again.emplace_back(sent.event.type, sent.event.first, sent.event.detail->text);
        }
    }
    CHECK(again == decltype(again){{EventType::duplicated, 0, "order 7"},
                                   {EventType::deduplicated, 0, "page"},
                                   {EventType::deduplicated, 1, "page"}});
}
