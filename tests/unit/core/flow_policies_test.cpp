// What becomes of a parent when a child ends without being completed, by policy.
#include "tests/unit/core/flow_builder.hpp"

#include <optional>
#include <string>

using namespace baton;
using namespace baton::core;
using tests::add_flow;
using tests::Broker;
using tests::children_of;
using tests::create_jobs;
using tests::fail_for_good;
using tests::flow_node;
using tests::flow_of;
using tests::result_of;

namespace {

enum class ParentIs { waiting, ready, failed };

ParentIs parent_in(Broker& broker) {
    const QueueInfo info = broker.show("reports");
    CHECK(info.waiting_children + info.waiting + info.failed == 1);
    return info.waiting_children != 0 ? ParentIs::waiting : info.waiting != 0 ? ParentIs::ready : ParentIs::failed;
}

/// A parent with two children, of which the first is to fail.
void add_pair(Broker& broker, FailurePolicy policy, FailurePolicy of_parent = FailurePolicy::inherit) {
    FlowNode parent = flow_node("reports");
    parent.children_policy = of_parent;
    add_flow(broker, {parent, flow_node("pages", {0}, policy), flow_node("pages", {0}, policy)});
}

}  // namespace

TEST_CASE("a failed child does to its parent what its policy says, first or last") {
    struct Case {
        FailurePolicy policy;
        ParentIs with_others, as_last;
        ChildState child;
    };
    const Case cases[] = {
        {FailurePolicy::inherit, ParentIs::failed, ParentIs::failed, ChildState::failed},
        {FailurePolicy::fail_parent, ParentIs::failed, ParentIs::failed, ChildState::failed},
        {FailurePolicy::ignore, ParentIs::waiting, ParentIs::ready, ChildState::ignored},
        {FailurePolicy::remove, ParentIs::waiting, ParentIs::ready, ChildState::removed},
        {FailurePolicy::continue_parent, ParentIs::ready, ParentIs::ready, ChildState::failed},
        {FailurePolicy::wait, ParentIs::waiting, ParentIs::waiting, ChildState::failed},
    };
    for (const std::size_t in_memory : {100, 0}) {
        for (const Case& one : cases) {
            for (const bool last : {false, true}) {
                INFO("policy " << static_cast<int>(one.policy) << (last ? " last" : " not last") << " in memory "
                               << in_memory);
                CoreOptions options;
                options.flows_in_memory_max = in_memory;
                Broker broker(options);
                create_jobs(broker, {"reports", "pages"});
                add_pair(broker, one.policy);
                const auto pages = broker.fetch(2, 2);
                if (last) {
                    broker.ack(pages[1]);
                }
                fail_for_good(broker, pages[0], "broken");
                CHECK(parent_in(broker) == (last ? one.as_last : one.with_others));
                const FlowChild child = children_of(broker, "reports", 0).children[0].child;
                CHECK(child.state == one.child);
                CHECK(child.error == (one.child == ChildState::removed ? "" : "failed: broken"));
            }
        }
    }
}

TEST_CASE("the parent says what holds for children that say nothing") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_pair(broker, FailurePolicy::inherit, FailurePolicy::ignore);
    fail_for_good(broker, broker.fetch(1, 2).front());
    CHECK(parent_in(broker) == ParentIs::waiting);
    CHECK(flow_of(broker, "reports", 0).ignored == 1);
}

TEST_CASE("a failed parent says which child it was, and fails its own parent in turn") {
    Broker broker;
    create_jobs(broker, {"books", "chapters", "pages"});
    add_flow(broker, {flow_node("books"), flow_node("chapters", {0}), flow_node("pages", {1})});
    fail_for_good(broker, broker.fetch(1, 3).front(), "torn");
    CHECK(broker.show("chapters").failed == 1);
    const StoredMessage book = broker.peek("books", MessageState::failed).messages.front();
    CHECK(book.reason == EndReason::child_failed);
    REQUIRE(book.attempts.size() == 1);
    CHECK(book.attempts[0].error_class == "ChildFailed");
    CHECK(book.attempts[0].reason == "child 0 of chapters failed: child 0 of pages failed: torn");
}

TEST_CASE("a parent that failed into a dead-letter queue leaves no flow") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.create("dead");
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    broker.update("reports", settings);
    add_pair(broker, FailurePolicy::fail_parent);
    fail_for_good(broker, broker.fetch(1, 2).front());
    CHECK(broker.show("dead").waiting == 1);
    CHECK(broker.driver().store().tables().flows.empty());
    broker.ack(broker.fetch(1, 2).front());
    CHECK(broker.driver().store().tables().flow_news.empty());
}

TEST_CASE("a child that is tried again holds its parent until it is completed") {
    for (const FailurePolicy policy : {FailurePolicy::wait, FailurePolicy::ignore}) {
        Broker broker;
        create_jobs(broker, {"reports", "pages"});
        add_pair(broker, policy);
        const auto pages = broker.fetch(2, 2);
        fail_for_good(broker, pages[0]);
        broker.expect<Counted>(RetryFailed{"pages", {pages[0].offset}, false, false});
        CHECK(flow_of(broker, "reports", 0).pending == 2);
        broker.ack(pages[1]);
        CHECK(parent_in(broker) == ParentIs::waiting);
        broker.settle_ok(broker.fetch(1, 2).front(), result_of("at last"));
        CHECK(parent_in(broker) == ParentIs::ready);
        CHECK(children_of(broker, "reports", 0).children[0].child.result->value == "at last");
    }
}

TEST_CASE("a child that was tried again no longer holds a parent that went on") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_pair(broker, FailurePolicy::continue_parent);
    const auto pages = broker.fetch(2, 2);
    fail_for_good(broker, pages[0]);
    broker.expect<Counted>(RetryFailed{"pages", {pages[0].offset}, false, false});
    CHECK(parent_in(broker) == ParentIs::ready);
    broker.settle_ok(broker.fetch(1, 2).front(), result_of("late"));
    CHECK(children_of(broker, "reports", 0).children[0].child.result->value == "late");
    broker.ack(pages[1]);
    CHECK(broker.driver().store().tables().flow_members.empty());
}

TEST_CASE("several children of a flow that fails into a dead-letter queue may end at once") {
    for (const std::size_t in_memory : {100, 0}) {
        CoreOptions options;
        options.flows_in_memory_max = in_memory;
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        broker.create("dead");
        QueueSettingsChange settings;
        settings.dead_letter_queue = "dead";
        broker.update("reports", settings);
        add_pair(broker, FailurePolicy::fail_parent);
        const auto pages = broker.fetch(2, 2);
        Settle settle;
        for (const auto& page : pages) {
            settle.settlements.push_back({page.token, {{page.offset, 1}}, Fail{"torn", true, {}}});
        }
        CHECK(broker.expect<Settled>(settle).refused.empty());
        CHECK(broker.show("dead").waiting == 1);
        const tests::Tables& tables = broker.driver().store().tables();
        CHECK(tables.flows.empty());
        CHECK(tables.flow_news.empty());
        CHECK(tables.flow_members.empty());
    }
}
