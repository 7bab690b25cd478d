// What a failure leads to: rules by error class, options of the message, what the worker asked for, and the history.
#include "server/core/attempt_history.hpp"
#include "server/core/retry_rules.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

Backoff fixed(DurationMs delay) { return Backoff{Backoff::Kind::fixed, delay, 3'600'000, 0, {}}; }

Fail of_class(const std::string& error_class, std::optional<DurationMs> retry_after = {}) {
    Fail fail;
    fail.error_class = error_class;
    fail.reason = "no luck";
    fail.retry_after_ms = retry_after;
    return fail;
}

QueueSettingsChange with_rules(std::vector<RetryRule> rules) {
    QueueSettingsChange settings;
    settings.retry_rules = std::move(rules);
    settings.backoff = fixed(1'000);
    return settings;
}

StoredMessage show_one(Broker& broker, Offset offset) {
    return broker.expect<MessageList>(ShowJob{"q", offset}).messages.at(0);
}

/// Fails the next message of "q" and says in how long it is due again; -1 when it has failed for good.
DurationMs wait_after(Broker& broker, const Fail& fail) {
    broker.settle_ok(broker.take_one(), fail);
    const auto delayed = broker.peek("q", MessageState::delayed).messages;
    return delayed.empty() ? -1 : delayed.front().at - broker.now();
}

}  // namespace

TEST_CASE("a pattern matches a class exactly, or with stars for any bytes") {
    CHECK(matches("HTTP-404", "HTTP-404"));
    CHECK_FALSE(matches("HTTP-404", "HTTP-4044"));
    CHECK_FALSE(matches("HTTP-404", "HTTP-40"));
    CHECK(matches("*", ""));
    CHECK(matches("*", "anything"));
    CHECK(matches("HTTP-4*", "HTTP-4"));
    CHECK(matches("HTTP-4*", "HTTP-429"));
    CHECK_FALSE(matches("HTTP-4*", "HTTP-500"));
    CHECK(matches("*Timeout", "net.Timeout"));
    CHECK(matches("a*b*c", "a-b-b-c"));
    CHECK_FALSE(matches("a*b*c", "a-c-b"));
    CHECK(matches("**", ""));
    CHECK_FALSE(matches("a", ""));
}

TEST_CASE("the first rule that matches decides what becomes of a failure") {
    Broker broker;
    broker.create("q", with_rules({{"HTTP-429", RetryRule::Action::retry_after, {}},
                                   {"HTTP-4*", RetryRule::Action::fail, {}},
                                   {"net.*", RetryRule::Action::retry, fixed(50)}}));
    broker.produce("q", {"a"});
    broker.consume("q", 1);
    SECTION("retry_after honours the worker") { CHECK(wait_after(broker, of_class("HTTP-429", 7'000)) == 7'000); }
    SECTION("retry_after without a word from the worker takes the backoff") {
        CHECK(wait_after(broker, of_class("HTTP-429")) == 1'000);
    }
    SECTION("fail is for good") {
        CHECK(wait_after(broker, of_class("HTTP-404", 5)) == -1);
        CHECK(broker.expect<MessageList>(ShowFailed{"q", 0}).messages.at(0).reason == EndReason::rejected);
    }
    SECTION("retry takes its own backoff, not the worker's word") {
        CHECK(wait_after(broker, of_class("net.Timeout", 7'000)) == 50);
    }
    SECTION("what no rule names is tried again by the backoff") {
        CHECK(wait_after(broker, of_class("other", 7'000)) == 1'000);
    }
    SECTION("the worker can always end it") {
        Fail fail = of_class("net.Timeout");
        fail.terminal = true;
        CHECK(wait_after(broker, fail) == -1);
    }
}

TEST_CASE("without rules the worker's word counts") {
    Broker broker;
    broker.create("q", with_rules({}));
    broker.produce("q", {"a"});
    broker.consume("q", 1);
    CHECK(wait_after(broker, of_class("whatever", 7'000)) == 7'000);
}

TEST_CASE("attempts and backoff of a message go before those of its queue, also after a restart") {
    Broker broker;
    QueueSettingsChange settings = with_rules({});
    settings.max_attempts = 5;
    broker.create("q", settings);
    EntryOptions options;
    options.max_attempts = 2;
    options.backoff = fixed(70);
    options.delay_ms = GENERATE(0, 10);
    broker.produce("q", {"a"}, options);
    broker.restart();
    broker.connect(2);
    broker.advance(10);
    broker.consume("q", 1);
    CHECK(wait_after(broker, of_class("")) == 70);
    broker.advance(70);
    const StoredMessage shown = broker.peek("q", MessageState::leased).messages.at(0);
    CHECK(shown.max_attempts == 2);
    REQUIRE(shown.backoff);
    CHECK(*shown.backoff == fixed(70));
    CHECK(wait_after(broker, of_class("")) == -1);
    CHECK(broker.expect<MessageList>(ShowFailed{"q", 0}).messages.at(0).reason == EndReason::attempts_exhausted);
}

TEST_CASE("options of a message about retries are bounded") {
    Broker broker;
    broker.create("q");
    const auto refused = [&](const EntryOptions& options) {
        return broker.expect<Refusal>(Broker::batch("q", {"a"}, options)).field;
    };
    EntryOptions options;
    options.max_attempts = 0;
    CHECK(refused(options) == "options.max_attempts");
    options.max_attempts = limits::attempts_max + 1;
    CHECK(refused(options) == "options.max_attempts");
    options = {};
    options.backoff = fixed(-1);
    CHECK(refused(options) == "options.backoff.base_ms");
    options.backoff = Backoff{Backoff::Kind::list, 0, 0, 0, {}};
    CHECK(refused(options) == "options.backoff.list_ms");
    CHECK(broker.show("q").waiting == 0);
}

TEST_CASE("rules are bounded, and an update may take them away") {
    Broker broker;
    const auto refused = [&](std::vector<RetryRule> rules) {
        return broker.expect<Refusal>(CreateQueue{"q", Profile::message, with_rules(std::move(rules)), false}).field;
    };
    CHECK(refused({{"", RetryRule::Action::retry, {}}}) == "settings.retry_rules.pattern");
    CHECK(refused({{std::string(256, 'x'), RetryRule::Action::retry, {}}}) == "settings.retry_rules.pattern");
    CHECK(refused({{"x", RetryRule::Action::fail, fixed(5)}}) == "settings.retry_rules.backoff");
    CHECK(refused({{"x", RetryRule::Action::retry, fixed(-5)}}) == "settings.retry_rules.backoff.base_ms");
    CHECK(refused(std::vector<RetryRule>(65, {"x", RetryRule::Action::retry, {}})) == "settings.retry_rules");
    CHECK(broker.create("q", with_rules({{"x", RetryRule::Action::fail, {}}})).settings.retry_rules.size() == 1);
    broker.restart();
    broker.connect(2);
    CHECK(broker.show("q").settings.retry_rules.size() == 1);
    QueueSettingsChange none;
    none.retry_rules.emplace();
    broker.update("q", none);
    CHECK(broker.show("q").settings.retry_rules.empty());
}

TEST_CASE("an attempt tells worker, times, class, reason and stack, also after restart, retry and redrive") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings = with_rules({});
    settings.dead_letter_queue = GENERATE("", "dead");
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, settings, false});
    EntryOptions options;
    options.max_attempts = 1;
    broker.produce("q", {"a"}, options);
    broker.consume("q", 1);
    const TimeMs delivered = broker.now();
    broker.advance(200);
    Fail fail = of_class("HTTP-500");
    fail.stack = "at line 7";
    broker.settle_ok(broker.take_one(), fail);
    const TimeMs failed = broker.now();
    broker.restart();
    broker.connect(2);
    if (settings.dead_letter_queue->empty()) {
        CHECK(broker.expect<Counted>(RetryFailed{"q", {}, false}).messages == 1);
    } else {
        CHECK(broker.expect<Counted>(Redrive{"dead", "", 0, false}).messages == 1);
    }
    const Offset offset = broker.peek("q", MessageState::waiting).messages.at(0).offset;
    const StoredMessage shown = show_one(broker, offset);
    CHECK(shown.counters == Counters{0, 0, 0});
    CHECK(shown.max_attempts == 1);
    REQUIRE(shown.attempts.size() == 1);
    CHECK(shown.attempts[0] == Attempt{failed, delivered, "worker-1", "HTTP-500", "no luck", "at line 7"});
    broker.consume("q", 1, 9);
    CHECK(show_one(broker, offset).attempts.size() == 1);
}

TEST_CASE("too long a class or stack is refused with its field") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"a"});
    broker.consume("q");
    const Delivered one = broker.take_one();
    Fail fail = of_class(std::string(256, 'x'));
    CHECK(broker.expect<Refusal>(Broker::settle_of(one, fail)).field == "settlements.fail.error_class");
    fail = of_class("x");
    fail.stack = std::string(limits::stack_bytes_max + 1, 's');
    CHECK(broker.expect<Refusal>(Broker::settle_of(one, fail)).field == "settlements.fail.stack");
    broker.ack(one);
}

TEST_CASE("a history keeps the newest attempts within its bytes, old stacks going first") {
    std::vector<Attempt> history;
    for (int i = 0; i < 30; ++i) {
        add_attempt(history, {i, i, "w", "c", std::string(3'000, 'r'), std::string(9'000, 's')});
        std::size_t bytes = 0;
        for (const Attempt& one : history) {
            bytes += one.worker.size() + one.error_class.size() + one.reason.size() + one.stack.size();
        }
        CHECK(bytes <= limits::history_bytes_max);
        CHECK(history.back().stack.size() == limits::stack_bytes_kept_max);
        CHECK(history.back().at == i);
    }
    CHECK(history.size() <= limits::attempts_kept_max);
    CHECK(history.front().stack.empty());
    std::vector<Attempt> small;
    for (int i = 0; i < 30; ++i) {
        add_attempt(small, {i, i, "w", "c", "r", "s"});
    }
    CHECK(small.size() == limits::attempts_kept_max);
    CHECK(small.front().at == 10);
}
