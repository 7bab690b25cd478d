// Messages named by their ids: shown, changed, promoted and removed, in every state that allows it.
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::of_priority;
using Payloads = std::vector<std::string>;

namespace {

EntryOptions delay(DurationMs delay_ms, std::uint32_t priority = 0) {
    EntryOptions options;
    options.delay_ms = delay_ms;
    options.priority = priority;
    return options;
}

void create_jobs(Broker& broker) {
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, {}, false});
    broker.consume("q", 0);
}

ChangeJob change(Offset offset) {
    ChangeJob request;
    request.queue = "q";
    request.offset = offset;
    return request;
}

ChangeJob to_priority(Offset offset, std::uint32_t level) {
    ChangeJob request = change(offset);
    request.priority = level;
    return request;
}

ChangeJob to_delay(Offset offset, DurationMs delay_ms) {
    ChangeJob request = change(offset);
    request.delay_ms = delay_ms;
    return request;
}

StoredMessage show(Broker& broker, Offset offset) {
    const auto list = broker.expect<MessageList>(ShowJob{"q", offset});
    REQUIRE(list.messages.size() == 1);
    return list.messages.front();
}

}  // namespace

TEST_CASE("a job is shown in every state, with its options and times") {
    Broker broker;
    create_jobs(broker);
    const TimeMs start = broker.now();
    broker.produce("q", {"waits", "leased", "failed"});
    broker.produce("q", {"late"}, delay(500, 3));
    broker.produce("q", {"first"}, of_priority(4));
    auto held = broker.fetch(3);
    broker.settle_ok(held[0], Release{0});
    Fail fail;
    fail.terminal = true;
    fail.reason = "no use";
    broker.settle_ok(held[2], fail);
    CHECK(show(broker, 0).state == MessageState::waiting);
    CHECK(show(broker, 0).counters.deliveries == 1);
    const StoredMessage leased = show(broker, 1);
    CHECK(leased.state == MessageState::leased);
    CHECK(leased.at == start + 30'000);
    const StoredMessage failed = show(broker, 2);
    CHECK(failed.state == MessageState::failed);
    REQUIRE(failed.attempts.size() == 1);
    CHECK(failed.attempts.front().reason == "no use");
    const StoredMessage late = show(broker, 3);
    CHECK(late.state == MessageState::delayed);
    CHECK(late.at == start + 500);
    CHECK(late.priority == 3);
    const StoredMessage first = show(broker, 4);
    CHECK(first.state == MessageState::prioritized);
    CHECK(first.priority == 4);
    CHECK(tests::payload_of(first.body, 0) == "first");
    CHECK(broker.refusal(ShowJob{"q", 5}) == RefusalCode::message_not_found);
    CHECK(broker.refusal(ShowJob{"none", 0}) == RefusalCode::queue_not_found);
    broker.ack(held[1]);
    CHECK(show(broker, 1).state == MessageState::completed);
}

TEST_CASE("the priority of a waiting, a prioritized and a delayed job can be changed") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"plain a", "plain b"});
    broker.produce("q", {"five"}, of_priority(5));
    broker.produce("q", {"late"}, delay(100, 9));
    broker.expect<Done>(to_priority(0, 7));
    broker.expect<Done>(to_priority(2, 0));
    broker.expect<Done>(to_priority(3, 1));
    CHECK(broker.show("q").prioritized == 1);
    CHECK(broker.show("q").waiting == 2);
    CHECK(broker.show("q").delayed == 1);
    if (GENERATE(false, true)) {
        broker.restart();
        broker.connect(2);
        broker.consume("q", 0);
    }
    broker.advance(100);
    CHECK(broker.fetch_payloads() == Payloads{"plain b", "five", "late", "plain a"});
}

TEST_CASE("a job goes to the front of its priority, and back to its place by time") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"a", "b", "c"}, of_priority(2));
    ChangeJob front = change(2);
    front.lifo = true;
    broker.expect<Done>(front);
    front.offset = 1;
    broker.expect<Done>(front);
    ChangeJob back = change(2);
    back.lifo = false;
    broker.expect<Done>(back);
    CHECK(broker.fetch_payloads() == Payloads{"b", "a", "c"});
}

TEST_CASE("a delay is changed from now, for waiting jobs too, and 0 ends it") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"later"}, delay(1'000));
    broker.produce("q", {"now"}, delay(1'000));
    broker.produce("q", {"waits"});
    broker.produce("q", {"ranked"}, of_priority(3));
    broker.expect<Done>(to_delay(0, 5'000));
    broker.expect<Done>(to_delay(1, 0));
    broker.expect<Done>(to_delay(2, 2'000));
    broker.expect<Done>(to_delay(3, 2'000));
    CHECK(broker.fetch_payloads() == Payloads{"now"});
    broker.advance(1'999);
    CHECK(broker.fetch_payloads().empty());
    broker.advance(1);
    CHECK(broker.fetch_payloads() == Payloads{"waits", "ranked"});
    broker.advance(3'000);
    CHECK(broker.fetch_payloads() == Payloads{"later"});
}

TEST_CASE("a job that was never delivered keeps its time to live from its new due time") {
    Broker broker;
    create_jobs(broker);
    EntryOptions options = delay(100);
    options.ttl_ms = 50;
    broker.produce("q", {"a"}, options);
    broker.expect<Done>(to_delay(0, 1'000));
    broker.advance(1'000);
    CHECK(broker.fetch_payloads() == Payloads{"a"});
}

TEST_CASE("one delayed job is promoted, or all of them") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"a"}, delay(10'000));
    broker.produce("q", {"b"}, delay(9'000, 2));
    broker.produce("q", {"c"}, delay(8'000));
    broker.produce("q", {"d"}, of_priority(1));
    broker.expect<Done>(PromoteJob{"q", 2});
    CHECK(broker.fetch_payloads() == Payloads{"c", "d"});
    CHECK(broker.expect<Refusal>(PromoteJob{"q", 2}).code == RefusalCode::wrong_message_state);
    CHECK(broker.expect<Counted>(PromoteAll{"q"}).messages == 2);
    CHECK(broker.fetch_payloads() == Payloads{"a", "b"});
    CHECK(broker.refusal(PromoteAll{"none"}) == RefusalCode::queue_not_found);
}

TEST_CASE("promoting more than memory holds leaves none behind") {
    Broker broker;
    create_jobs(broker);
    for (int i = 0; i < 10; ++i) {
        broker.produce("q", Payloads(1'000, "x"), delay(1'000'000 + i));
    }
    CHECK(broker.expect<Counted>(PromoteAll{"q"}).messages == 10'000);
    std::size_t got = 0;
    for (int i = 0; i < 100 && got < 10'000; ++i) {
        got += broker.fetch(1'000).size();
    }
    CHECK(got == 10'000);
}

TEST_CASE("jobs are removed from every state but leased") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"leased", "failed", "waits"});
    broker.produce("q", {"late"}, delay(500));
    broker.produce("q", {"first"}, of_priority(4));
    auto held = broker.fetch(2);
    Fail fail;
    fail.terminal = true;
    broker.settle_ok(held[1], fail);
    const auto removed = broker.expect<JobsRemoved>(RemoveJobs{"q", {0, 1, 2, 3, 4, 77}, 0, {}});
    CHECK(removed.removed == 4);
    REQUIRE(removed.refused.size() == 2);
    CHECK(removed.refused[0].first == 0);
    CHECK(removed.refused[0].second.code == RefusalCode::wrong_message_state);
    CHECK(removed.refused[1].second.code == RefusalCode::message_not_found);
    broker.ack(held[0]);
    const QueueInfo info = broker.show("q");
    CHECK(info.waiting + info.delayed + info.leased + info.failed + info.prioritized == 0);
    CHECK(info.live_bytes == 0);
    CHECK(info.totals.purged == 4);
    broker.restart();
    broker.connect(2);
    broker.consume("q", 0);
    broker.advance(60'000);
    CHECK(broker.fetch_payloads().empty());
}

TEST_CASE("a leased or failed job is not changed, and the refusal names the state") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"a"}, of_priority(2));
    auto held = broker.fetch(1);
    const auto leased = broker.expect<Refusal>(to_priority(0, 1));
    CHECK(leased.code == RefusalCode::wrong_message_state);
    CHECK(leased.message.find("leased") != std::string::npos);
    Fail fail;
    fail.terminal = true;
    broker.settle_ok(held.front(), fail);
    const auto failed = broker.expect<Refusal>(to_delay(0, 1));
    CHECK(failed.message.find("failed") != std::string::npos);
}

TEST_CASE("each field of a change is bounded") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"a"});
    CHECK(broker.expect<Refusal>(change(0)).field == "change_job");
    CHECK(broker.expect<Refusal>(to_priority(0, limits::priority_max + 1)).field == "change_job.priority");
    CHECK(broker.expect<Refusal>(to_delay(0, -1)).field == "change_job.delay_ms");
    CHECK(broker.expect<Refusal>(to_delay(0, limits::ten_years_ms + 1)).field == "change_job.delay_ms");
    ChangeJob both = to_delay(0, 1);
    both.due_at = 1;
    CHECK(broker.expect<Refusal>(both).field == "change_job.due_ms");
    ChangeJob far = change(0);
    far.due_at = INT64_MAX;
    CHECK(broker.expect<Refusal>(far).field == "change_job.due_ms");
    CHECK(broker.expect<Refusal>(RemoveJobs{"q", {}, 0, {}}).field == "remove_jobs.offsets");
    CHECK(broker.expect<Refusal>(RemoveJobs{"q", std::vector<Offset>(1'001, 0), 0, {}}).limit == 1'000);
}

TEST_CASE("a queue of profile message says that it cannot find a message of a lane by its id") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"plain"});
    broker.produce("q", {"late"}, delay(1'000));
    CHECK(show(broker, 0).state == MessageState::waiting);
    CHECK(broker.refusal(ShowJob{"q", 1}) == RefusalCode::wrong_profile);
    CHECK(broker.refusal(PromoteJob{"q", 1}) == RefusalCode::wrong_profile);
    const auto removed = broker.expect<JobsRemoved>(RemoveJobs{"q", {0, 1}, 0, {}});
    CHECK(removed.removed == 1);
    REQUIRE(removed.refused.size() == 1);
    CHECK(removed.refused.front().second.code == RefusalCode::wrong_profile);
    for (const auto& [key, locator] : broker.driver().store().tables().locators) {
        FAIL("a queue of profile message has the locator of " << locator.offset);
    }
}

TEST_CASE("locators live and die with their lane records") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"a", "b"}, of_priority(3));
    broker.produce("q", {"c"}, delay(100));
    const auto& tables = broker.driver().store().tables();
    CHECK(tables.locators.size() == 3);
    auto held = broker.fetch(1);
    broker.ack(held.front());
    CHECK(tables.locators.size() == 2);
    held = broker.fetch(1);
    broker.expect<Counted>(PurgeQueue{"q", false});
    CHECK(tables.locators.size() == 1);
    CHECK(show(broker, 1).state == MessageState::leased);
    broker.settle_ok(held.front(), Release{0});
    CHECK(show(broker, 1).state == MessageState::prioritized);
    CHECK(broker.expect<JobsRemoved>(RemoveJobs{"q", {1}, 0, {}}).removed == 1);
    CHECK(tables.locators.empty());
}

TEST_CASE("prioritized messages are listed page by page in order of their places") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"b"}, of_priority(2));
    broker.produce("q", {"c"}, of_priority(2));
    EntryOptions front = of_priority(0);
    front.lifo = true;
    broker.produce("q", {"a"}, front);
    Peek peek{"q", MessageState::prioritized, 0, 0, 1, 0};
    Payloads order;
    for (int page = 0; page < 5; ++page) {
        const auto list = broker.expect<MessageList>(peek);
        for (const StoredMessage& message : list.messages) {
            order.emplace_back(tests::payload_of(message.body, 0));
        }
        peek.from_rank = list.next_rank;
        peek.from_at = list.next_at;
        peek.from_offset = list.next_offset;
        if (!list.more) {
            break;
        }
    }
    CHECK(order == Payloads{"a", "b", "c"});
}

TEST_CASE("a job that was asked for is not looked for in a later queue of the same name") {
    Broker broker;
    create_jobs(broker);
    broker.produce("q", {"late"}, delay(5'000));
    broker.driver().crash(0, true);
    Request look{ConnectionId{1}, RequestId{901}, "", ShowJob{"q", 0}};
    broker.driver().apply(std::move(look));
    broker.driver().seal();
    broker.driver().finish_commit();
    broker.driver().apply({ConnectionId{1}, RequestId{902}, "", DeleteQueue{"q"}});
    broker.driver().apply({ConnectionId{1}, RequestId{903}, "", CreateQueue{"q", Profile::job, {}, false}});
    broker.show("q");
    const ReplyBody* reply = broker.reply_to(901);
    REQUIRE(reply != nullptr);
    REQUIRE(std::holds_alternative<Refusal>(*reply));
    REQUIRE(std::get<Refusal>(*reply).code == RefusalCode::queue_deleted);
}
