// What is ready, counted by priority: in memory, and on disk while it changes.
#include "server/core/priority_count.hpp"

#include "server/core/limits.hpp"
#include "tests/support/prng.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using Counts = std::vector<std::uint64_t>;

namespace {

EntryOptions of_priority(std::uint32_t level) {
    EntryOptions options;
    options.priority = level;
    return options;
}

const std::vector<std::uint32_t> asked{0, 1, 2, 5, 7};

Counts counts_of(Broker& broker, const std::vector<std::uint32_t>& priorities = asked) {
    return broker.expect<PriorityCounts>(CountPriorities{"q", priorities}).ready;
}

void produce_many(Broker& broker, std::uint32_t level, std::size_t count) {
    for (; count > 0; count -= std::min<std::size_t>(count, 1'000)) {
        broker.produce("q", std::vector<std::string>(std::min<std::size_t>(count, 1'000), "x"), of_priority(level));
    }
}

/// The same by looking at every message.
Counts looked_up(Broker& broker) {
    std::map<std::uint32_t, std::uint64_t> found;
    for (const MessageState state : {MessageState::waiting, MessageState::prioritized}) {
        Peek peek;
        peek.queue = "q";
        peek.state = state;
        peek.limit = 1'000;
        bool more = true;
        while (more) {
            const auto page = broker.expect<MessageList>(peek);
            for (const StoredMessage& message : page.messages) {
                found[message.priority] += 1;
            }
            peek.from_at = page.next_at;
            peek.from_offset = page.next_offset;
            peek.from_rank = page.next_rank;
            more = page.more;
        }
    }
    Counts counts;
    for (const std::uint32_t priority : asked) {
        counts.push_back(found[priority]);
    }
    return counts;
}

/// Runs a count while something else happens between its slices: each step by `act`, into rounds of their own.
class InterruptedCount {
public:
    InterruptedCount(Broker& broker, const std::vector<std::uint32_t>& priorities) : driver_(broker.driver()) {
        commit(CountPriorities{"q", priorities}, count_id);
    }
    bool over() const { return counts_.has_value(); }
    const Counts& counts() const { return *counts_; }

    /// The slice that is asked for is read now, or when it is answered.
    void read() { driver_.fetch_read(0); }
    void answer() {
        driver_.answer_read(0);
        finish_round();
    }
    std::size_t reads() const { return driver_.reads(); }
    void commit(RequestBody body, std::uint64_t id = 1'000'000) {
        driver_.apply(Request{ConnectionId{1}, RequestId{id}, {}, std::move(body)});
        finish_round();
    }
    /// Messages that were delivered since the last call.
    std::vector<std::pair<Token, Offset>> take_delivered() { return std::exchange(delivered_, {}); }

private:
    static constexpr std::uint64_t count_id = 2'000'000;

    void finish_round() {
        driver_.seal();
        driver_.finish_commit();
        for (tests::Released& released : driver_.take_released()) {
            if (const auto* frame = std::get_if<Deliver>(&released.effect)) {
                for (const Deliver::Run& run : frame->runs) {
                    for (std::uint32_t i = 0; i < run.entries.count; ++i) {
                        delivered_.emplace_back(frame->token, run.first + i);
                    }
                }
            } else if (const auto* reply = std::get_if<Reply>(&released.effect);
                       reply != nullptr && reply->request == RequestId{count_id}) {
                counts_ = std::get<PriorityCounts>(reply->body).ready;
            }
        }
    }

    tests::RoundDriver& driver_;
    std::optional<Counts> counts_;
    std::vector<std::pair<Token, Offset>> delivered_;
};

}  // namespace

TEST_CASE("what is ready is counted by priority, what has none under 0, and what is not ready is not") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    CHECK(counts_of(broker) == Counts{0, 0, 0, 0, 0});
    broker.produce("q", {"a", "b"});
    broker.produce("q", {"c", "d", "e"}, of_priority(5));
    EntryOptions options = of_priority(0);
    options.lifo = true;
    broker.produce("q", {"front"}, options);
    options = {};
    options.id = "named";
    broker.produce("q", {"f"}, options);
    options = of_priority(2);
    options.delay_ms = 1'000;
    broker.produce("q", {"g"}, options);
    options = of_priority(1);
    options.group = "group";
    broker.produce("q", {"h"}, options);
    CHECK(counts_of(broker) == Counts{4, 0, 0, 3, 0});
    const QueueInfo shown = broker.show("q");
    CHECK(shown.waiting + shown.prioritized == 7);
    broker.advance(1'000);
    CHECK(counts_of(broker, {5, 2, 5}) == Counts{3, 1, 3});
    // What has no priority goes first.
    REQUIRE(broker.fetch(4).size() == 4);
    CHECK(counts_of(broker, {0, 2, 5}) == Counts{0, 1, 3});
}

TEST_CASE("what is mostly on disk is counted too, and a restart changes nothing") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    produce_many(broker, 1, 3'000);
    produce_many(broker, 2, 4'100);
    produce_many(broker, 3, 2'500);
    produce_many(broker, 7, 10);
    broker.produce("q", {"plain"});
    CHECK(counts_of(broker) == Counts{1, 3'000, 4'100, 0, 10});
    CHECK(broker.fetch(2'002).size() == 2'002);
    CHECK(counts_of(broker) == Counts{0, 999, 4'100, 0, 10});
    CHECK(counts_of(broker, {3}) == Counts{2'500});
    broker.restart();
    broker.connect(2);
    broker.consume("q", 0);
    CHECK(counts_of(broker) == Counts{0, 999, 4'100, 0, 10});
    CHECK(broker.fetch(1).size() == 1);
    CHECK(counts_of(broker) == Counts{0, 998, 4'100, 0, 10});
}

TEST_CASE("in a queue that ages all is looked at, since the order is not that of priorities") {
    Broker broker;
    QueueSettingsChange aging;
    aging.aging_ms = 10;
    broker.create("q", aging);
    broker.consume("q", 0);
    for (int i = 0; i < 3; ++i) {
        produce_many(broker, 7, 1'000);
        produce_many(broker, 1, 1'000);
        broker.advance(40);
    }
    CHECK(counts_of(broker) == Counts{0, 3'000, 0, 0, 3'000});
    InterruptedCount count(broker, asked);
    count.commit(broker.fetch_of(5));
    count.answer();
    REQUIRE_FALSE(count.over());
    count.commit(broker.fetch_of(5));
    while (!count.over()) {
        count.answer();
    }
    CHECK(count.counts() == looked_up(broker));
    CHECK(count.counts()[1] + count.counts()[4] == 5'990);
}

TEST_CASE("a count is right at its moment, whatever comes, is delivered and comes back between its slices") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        tests::Prng prng(seed);
        Broker broker;
        broker.create("q");
        broker.consume("q", 0);
        for (const std::uint32_t level : {1U, 2U, 5U, 7U}) {
            produce_many(broker, level, 2'300);
        }
        std::vector<std::pair<Token, Offset>> held;
        InterruptedCount count(broker, asked);
        const auto act = [&] {
            for (std::uint64_t n = prng.below(4); n > 0; --n) {
                const std::uint64_t what = prng.below(4);
                if (what == 0 || held.empty()) {
                    count.commit(broker.fetch_of(static_cast<std::uint32_t>(1 + prng.below(200))));
                } else if (what == 1) {
                    const auto [token, offset] = held.back();
                    held.pop_back();
                    const SettleAction action = prng.below(2) == 0 ? SettleAction(Ack{}) : SettleAction(Release{});
                    count.commit(Settle{{{token, {{offset, 1}}, action}}, {}});
                } else {
                    const auto level = asked[prng.below(asked.size())];
                    count.commit(
                        Broker::batch("q", std::vector<std::string>(1 + prng.below(50), "x"), of_priority(level)));
                }
                const auto more = count.take_delivered();
                held.insert(held.end(), more.begin(), more.end());
            }
        };
        while (!count.over()) {
            act();
            count.read();
            act();
            count.answer();
        }
        CHECK(count.counts() == looked_up(broker));
    }
}

TEST_CASE("a queue that is purged while it is counted is counted anew") {
    Broker broker;
    broker.create("q");
    produce_many(broker, 1, 5'000);
    InterruptedCount count(broker, asked);
    count.answer();
    count.read();
    count.commit(PurgeQueue{"q"});
    count.commit(Broker::batch("q", {"a", "b"}, of_priority(1)));
    while (!count.over()) {
        count.answer();
    }
    CHECK(count.counts() == Counts{0, 2, 0, 0, 0});
}

TEST_CASE("one count of a queue runs at a time, and those that wait are answered behind it") {
    Broker broker;
    broker.create("q");
    produce_many(broker, 2, 5'000);
    InterruptedCount count(broker, asked);
    const std::size_t reads = count.reads();
    count.commit(CountPriorities{"q", {2}}, 77);
    CHECK(count.reads() == reads);
    const auto after = broker.tell(CountPriorities{"q", {2}});
    REQUIRE(broker.reply_to(77) != nullptr);
    CHECK(std::get<PriorityCounts>(*broker.reply_to(77)).ready == Counts{5'000});
    REQUIRE(broker.reply_to(after) != nullptr);
    CHECK(std::get<PriorityCounts>(*broker.reply_to(after)).ready == Counts{5'000});
}

TEST_CASE("a count ends with its connection and with its queue, and lets the next one run") {
    Broker broker;
    broker.create("q");
    produce_many(broker, 2, 5'000);
    InterruptedCount gone(broker, asked);
    gone.commit(ConnectionLost{});
    gone.answer();
    broker.connect(2);
    CHECK(counts_of(broker, {2}) == Counts{5'000});

    broker.connect(1);
    InterruptedCount count(broker, asked);
    count.commit(CountPriorities{"q", {2}}, 77);
    const auto deleted = broker.tell(DeleteQueue{"q"});
    CHECK(std::holds_alternative<Done>(*broker.reply_to(deleted)));
    CHECK(std::get<Refusal>(*broker.reply_to(77)).code == RefusalCode::queue_not_found);
    CHECK(broker.refusal(CountPriorities{"q", {2}}) == RefusalCode::queue_not_found);
}
