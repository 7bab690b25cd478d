// Requests that select from topics, as they come in, and what is said to listeners.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/support/entries.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace baton::session::test {

namespace {

core::FilterCondition condition_of(const v1::FilterCondition& condition) {
    v1::ClientFrame frame;
    frame.mutable_listen()->set_topics("t");
    *frame.mutable_listen()->mutable_filter()->add_conditions() = condition;
    return std::get<core::Listen>(body_of(frame)).selects->filter->conditions.front();
}

}  // namespace

TEST_CASE("each test of a filter comes in as it was meant") {
    v1::FilterCondition condition;
    condition.set_header("region");
    condition.set_equals("eu");
    CHECK(condition_of(condition).test == core::FilterTest::equals);
    CHECK(condition_of(condition).values == std::vector<std::string>{"eu"});
    condition.mutable_in()->add_values("a");
    condition.mutable_in()->add_values("b");
    CHECK(condition_of(condition).test == core::FilterTest::in);
    CHECK(condition_of(condition).values.size() == 2);
    condition.set_prefix("e");
    CHECK(condition_of(condition).test == core::FilterTest::prefix);
    condition.set_pattern("a.*");
    CHECK(condition_of(condition).test == core::FilterTest::pattern);
    condition.set_exists(true);
    CHECK_FALSE(condition_of(condition).negated);
    condition.set_exists(false);
    CHECK(condition_of(condition).negated);
    condition.mutable_range()->set_at_most(2);
    CHECK(condition_of(condition).test == core::FilterTest::range);
    CHECK_FALSE(condition_of(condition).from);
    CHECK(condition_of(condition).to == 2);
    condition.set_negated(true);
    CHECK(condition_of(condition).negated);
}

TEST_CASE("a filter that breaks a limit is refused where it stands") {
    v1::ClientFrame frame;
    v1::CreateSubscription& create = *frame.mutable_create_subscription();
    create.set_topic("order.*");
    create.set_name("s");
    v1::FilterCondition& condition = *create.mutable_filter()->add_conditions();
    condition.set_header("a");
    CHECK(fault_of(frame).field() == "create_subscription.filter.conditions");
    condition.mutable_range()->set_at_least(std::numeric_limits<double>::quiet_NaN());
    CHECK(fault_of(frame).field() == "create_subscription.filter.conditions.range");
    for (std::size_t i = 0; i <= core::limits::filter_values_max; ++i) {
        condition.mutable_in()->add_values("x");
    }
    CHECK(fault_of(frame).limit() == core::limits::filter_values_max);
    condition.set_equals("x");
    CHECK(std::get<core::CreateSubscription>(body_of(frame)).filter);
    create.set_topic("order.>.eu");
    CHECK(fault_of(frame).field() == "create_subscription.topic");
}

TEST_CASE("bindings come in with their options") {
    v1::ClientFrame frame;
    v1::Binding& binding = *frame.mutable_create_binding()->mutable_binding();
    binding.set_name("b");
    binding.set_topics("order.*");
    binding.set_queue("jobs");
    binding.mutable_options()->set_priority(9);
    binding.mutable_options()->set_delay_ms(5);
    binding.mutable_options()->set_group_header("region");
    const auto made = std::get<core::CreateBinding>(body_of(frame));
    CHECK(made.spec.selects->pattern == "order.*");
    CHECK_FALSE(made.spec.selects->filter);
    CHECK(made.spec.options.priority == 9U);
    CHECK(made.spec.options.delay_ms == 5);
    CHECK_FALSE(made.spec.options.ttl_ms);
    CHECK(made.spec.options.group_header == "region");
    binding.mutable_options()->set_ttl_ms(UINT64_MAX);
    CHECK(fault_of(frame).field() == "create_binding.options.ttl_ms");
    binding.set_queue("no queue");
    CHECK(fault_of(frame).field() == "create_binding.queue");
    frame.mutable_list_bindings()->set_limit(core::limits::page_messages_max + 1);
    CHECK(fault_of(frame).field() == "list_bindings.limit");
    frame.mutable_delete_binding()->set_name("");
    CHECK(fault_of(frame).field() == "delete_binding.name");
}

TEST_CASE("listeners allow no more than the limit, and an inbox has no pattern") {
    v1::ClientFrame frame;
    v1::Listen& listen = *frame.mutable_listen();
    listen.set_inbox(true);
    listen.set_credit_messages(core::limits::listen_messages_max + 1);
    CHECK(fault_of(frame).field() == "listen.credit_messages");
    listen.set_credit_messages(1);
    listen.set_topics("a");
    CHECK(fault_of(frame).field() == "listen.inbox");
    frame.mutable_credit_listener()->set_bytes(core::limits::listen_bytes_max + 1);
    CHECK(fault_of(frame).field() == "credit_listener.bytes");
}

TEST_CASE("a produce to a pattern is refused, one to an inbox is taken") {
    v1::ClientFrame frame;
    v1::Produce& produce = *frame.mutable_produce();
    produce.add_entries()->set_payload("x");
    produce.set_queue("order.*");
    CHECK(fault_of(frame).field() == "produce.queue");
    produce.set_queue("/inbox/1/1");
    produce.set_refuse_unrouted(true);
    CHECK(std::get<core::Produce>(body_of(frame)).refuse_unrouted);
}

TEST_CASE("what a listener hears goes out as it was published") {
    core::Heard heard;
    heard.listener = 3;
    heard.topic = "order.created";
    heard.first = 17;
    heard.stored_at = 1'700'000'000'000;
    heard.lost = 2;
    heard.entries = tests::make_entries(std::vector<std::string>{"x", std::string(100'000, 'y')});
    SendQueue out;
    encode_heard(heard, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 1);
    const v1::Heard& said = frames.front().heard();
    CHECK(said.listener_id() == 3);
    CHECK(said.topic() == "order.created");
    CHECK(said.first_offset() == 17);
    CHECK(said.lost() == 2);
    REQUIRE(said.entries_size() == 2);
    CHECK(said.entries(0).payload() == "x");
    CHECK(said.entries(1).payload().size() == 100'000);
}

}  // namespace baton::session::test
