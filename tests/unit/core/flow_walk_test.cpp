// Acting on a whole flow: cancelled, removed, retried; children removed and detached; and a flow that comes again.
#include "tests/unit/core/flow_builder.hpp"

using namespace baton;
using namespace baton::core;
using tests::act_on_flow;
using tests::add_flow;
using tests::Broker;
using tests::children_for;
using tests::children_of;
using tests::create_jobs;
using tests::Delivered;
using tests::fail_for_good;
using tests::flow_node;
using tests::flow_of;

namespace {

using Action = ActOnFlow::Action;

std::vector<CoreOptions> flow_memories() {
    CoreOptions small;
    small.flows_in_memory_max = 0;
    return {CoreOptions{}, small};
}

/// A book of two chapters with two pages each; pages are numbered in `pages` from 0.
void add_book(Broker& broker) {
    create_jobs(broker, {"books", "chapters", "pages"});
    add_flow(broker,
             {flow_node("books"), flow_node("chapters", {0}), flow_node("chapters", {0}), flow_node("pages", {1}),
              flow_node("pages", {1}), flow_node("pages", {2}), flow_node("pages", {2})});
}

}  // namespace

TEST_CASE("a cancelled flow leaves nothing behind, and tells those who hold some of it") {
    for (const CoreOptions& options : flow_memories()) {
        Broker broker(options);
        add_book(broker);
        const auto pages = broker.fetch(2, 3);
        REQUIRE(pages.size() == 2);
        broker.ack(pages[0]);
        ActOnFlow cancel;
        cancel.action = Action::cancel;
        cancel.queue = "books";
        cancel.grace_ms = 1'000;
        const auto acted = broker.expect<FlowActed>(cancel);
        CHECK(acted.done == 5);
        CHECK(acted.cancelling == 1);
        CHECK(acted.skipped == 0);
        REQUIRE(broker.take_revoked().size() == 1);
        CHECK(broker.show("books").waiting_children == 0);
        CHECK(broker.show("chapters").waiting_children == 0);
        CHECK(broker.show("pages").waiting == 0);
        broker.advance(1'100);
        CHECK(broker.show("pages").leased == 0);
        for (const char* queue : {"books", "chapters", "pages"}) {
            CHECK(broker.show(queue).failed == 0);
        }
        cancel.grace_ms = 600'001;
        CHECK(broker.expect<Refusal>(cancel).field == "cancel_flow.grace_ms");
    }
}

TEST_CASE("a flow is removed as a whole, unless somebody works on it") {
    for (const CoreOptions& options : flow_memories()) {
        Broker broker(options);
        add_book(broker);
        const auto pages = broker.fetch(2, 3);
        ActOnFlow remove;
        remove.action = Action::remove;
        remove.queue = "books";
        CHECK(broker.refusal(remove) == RefusalCode::wrong_message_state);
        CHECK(broker.show("books").waiting_children == 1);
        broker.ack(pages[0]);
        broker.settle_ok(pages[1], Release{});
        const auto acted = broker.expect<FlowActed>(remove);
        CHECK(acted.done == 7);
        CHECK(broker.refusal(remove) == RefusalCode::flow_not_found);
        for (const char* queue : {"books", "chapters", "pages"}) {
            CHECK(broker.show(queue).waiting + broker.show(queue).waiting_children + broker.show(queue).completed == 0);
        }
    }
}

TEST_CASE("a parent that goes on removes the children that were not begun") {
    for (const CoreOptions& options : flow_memories()) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        std::vector<FlowNode> nodes{flow_node("reports")};
        nodes.resize(5, flow_node("pages", {0}, FailurePolicy::continue_parent));
        nodes.push_back(flow_node("pages", {4}));  // Makes the fourth child a parent that waits.
        add_flow(broker, nodes);
        const auto pages = broker.fetch(2, 2);
        fail_for_good(broker, pages[0]);
        const Delivered report = broker.fetch(1, 1).at(0);
        const FlowActed acted = act_on_flow(broker, Action::remove_unprocessed, "reports", report.offset);
        CHECK(acted.done == 3);
        CHECK(acted.skipped == 1);  // Held by a worker.
        CHECK(broker.show("pages").waiting + broker.show("pages").waiting_children == 0);
        const FlowView flow = flow_of(broker, "reports", report.offset);
        CHECK(flow.removed == 2);
        CHECK(flow.pending == 1);
        broker.ack(pages[1]);
        CHECK(flow_of(broker, "reports", report.offset).completed == 1);
    }
}

TEST_CASE("children that a waiting parent removes do not fail it") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {flow_node("reports"), flow_node("pages", {0}), flow_node("pages", {0})});
    broker.ack(broker.fetch(1, 2).at(0));
    CHECK(act_on_flow(broker, Action::remove_unprocessed, "reports", 0).done == 1);
    CHECK(broker.show("reports").failed == 0);
    CHECK(broker.fetch(1, 1).size() == 1);
}

TEST_CASE("a failed flow is done again from below, and its parents wait again") {
    for (const CoreOptions& options : flow_memories()) {
        Broker broker(options);
        add_book(broker);
        auto pages = broker.fetch(4, 3);
        fail_for_good(broker, pages[0]);
        broker.ack(pages[1]);
        broker.ack(pages[2]);
        broker.ack(pages[3]);
        CHECK(broker.show("books").failed == 1);
        CHECK(broker.show("chapters").failed == 1);
        const FlowActed acted = act_on_flow(broker, Action::retry, "books", 0);
        CHECK(acted.done == 3);
        CHECK(broker.show("books").waiting_children == 1);
        CHECK(broker.show("chapters").waiting_children == 1);
        broker.restart();
        broker.connect(2);
        std::uint64_t consumer = 0;
        for (const char* queue : {"books", "chapters", "pages"}) {
            broker.consume(queue, 0, ++consumer);
        }
        pages = broker.fetch(4, 3);
        REQUIRE(pages.size() == 1);
        broker.ack(pages[0]);
        for (const Delivered& chapter : broker.fetch(2, 2)) {
            broker.ack(chapter);
        }
        CHECK(broker.fetch(1, 1).size() == 1);
        CHECK(broker.driver().restored_copy()->durable_digest() == broker.driver().core().durable_digest());
    }
}

TEST_CASE("a flow of one queue, and one whose jobs have parents at several levels, are done again from below") {
    for (const CoreOptions& options : flow_memories()) {
        for (const char* second : {"jobs", "others"}) {
            Broker broker(options);
            create_jobs(broker, {"jobs", "others"});
            // The last job holds all three of the others, which hold one another.
            add_flow(broker, {flow_node("jobs"), flow_node(second, {0}), flow_node("jobs", {0, 1}),
                              flow_node(second, {0, 1, 2})});
            const std::uint64_t consumer = second == std::string("jobs") ? 1 : 2;
            fail_for_good(broker, broker.fetch(1, consumer).at(0));
            CHECK(broker.show("jobs").waiting_children + broker.show("others").waiting_children == 0);
            CHECK(act_on_flow(broker, Action::retry, "jobs", 0).done == 4);
            CHECK(broker.show("jobs").waiting_children + broker.show("others").waiting_children == 3);
            CHECK(broker.fetch(5, consumer).size() == 1);
            CHECK(broker.fetch(5, 3 - consumer).empty());
        }
    }
}

TEST_CASE("a parent that is retried alone runs at once, and waits when its child was retried before it") {
    for (const CoreOptions& options : flow_memories()) {
        for (const bool child_first : {false, true}) {
            Broker broker(options);
            create_jobs(broker, {"reports", "pages"});
            add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
            fail_for_good(broker, broker.fetch(1, 2).at(0));
            if (child_first) {
                broker.expect<Counted>(RetryFailed{"pages", {0}});
            }
            broker.expect<Counted>(RetryFailed{"reports", {0}});
            CHECK(broker.fetch(1, 1).size() == (child_first ? 0 : 1));
            if (child_first) {
                broker.ack(broker.fetch(1, 2).at(0));
                CHECK(broker.fetch(1, 1).size() == 1);
            }
        }
    }
}

TEST_CASE("a detached child holds nobody, and what becomes of it changes nothing") {
    for (const CoreOptions& options : flow_memories()) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        add_flow(broker, {flow_node("reports"), flow_node("reports"), flow_node("pages", {0, 1})});
        broker.expect<Done>(DetachChild{"pages", 0, "reports", 0});
        const auto released = broker.fetch(5, 1);
        REQUIRE(released.size() == 1);
        CHECK(released[0].offset == 0);
        CHECK(broker.refusal(DetachChild{"pages", 0, "reports", 7}) == RefusalCode::not_a_child);
        CHECK(broker.refusal(DetachChild{"reports", 0}) == RefusalCode::not_a_child);
        CHECK(broker.refusal(DetachChild{"pages", 9}) == RefusalCode::message_not_found);
        CHECK(broker.refusal(DetachChild{"none", 0}) == RefusalCode::queue_not_found);
        broker.expect<Done>(DetachChild{"pages", 0});
        CHECK(broker.fetch(5, 1).size() == 1);
        broker.ack(broker.fetch(1, 2).at(0));
        CHECK(children_of(broker, "reports", 0).children[0].child.state == ChildState::removed);
    }
}

TEST_CASE("what is acted on must be a flow") {
    Broker broker;
    create_jobs(broker, {"reports"});
    broker.produce("reports", {"alone"});
    for (const Action action : {Action::cancel, Action::remove, Action::remove_unprocessed, Action::retry}) {
        ActOnFlow act;
        act.action = action;
        act.queue = "reports";
        CHECK(broker.refusal(act) == RefusalCode::flow_not_found);
        act.queue = "none";
        CHECK(broker.refusal(act) == RefusalCode::queue_not_found);
    }
    CHECK(broker.show("reports").waiting == 1);
}

TEST_CASE("a flow that comes again is stored once, also after a restart") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    AddFlow add{{flow_node("reports"), flow_node("pages", {0}), flow_node("reports"), flow_node("pages", {2})}};
    add.producer = 77;
    add.producer_created_at = broker.now();
    add.sequences = {{"reports", 1, 0}, {"pages", 1, 0}};
    const auto first = broker.expect<FlowAdded>(add);
    CHECK_FALSE(first.repeated);
    for (int i = 0; i < 2; ++i) {
        const auto again = broker.expect<FlowAdded>(add);
        CHECK(again.repeated);
        CHECK(again.messages == first.messages);
        CHECK(broker.show("pages").waiting == 2);
        broker.restart();
        broker.connect(2 + static_cast<std::uint64_t>(i));
    }
    AddFlow other = add;
    other.sequences = {{"reports", 1, 0}, {"pages", 2, 0}};
    CHECK(broker.expect<Refusal>(other).field == "add_flow.sequences.sequence");
    other.nodes.pop_back();
    other.sequences = {{"reports", 1, 0}, {"pages", 1, 0}};
    CHECK(broker.expect<Refusal>(other).field == "add_flow.sequences.sequence");
    other.sequences = {{"reports", 2, 0}};
    CHECK(broker.expect<Refusal>(other).field == "add_flow.sequences");
    other.sequences = {{"reports", 2, 0}, {"pages", 0, 0}};
    CHECK(broker.expect<Refusal>(other).field == "add_flow.sequences.sequence");
    other.sequences = {{"reports", 2, 0}, {"reports", 3, 0}};
    CHECK(broker.expect<Refusal>(other).field == "add_flow.sequences.queue");
    add.sequences = {{"reports", 2, 1}, {"pages", 2, 1}};
    CHECK_FALSE(broker.expect<FlowAdded>(add).repeated);
    CHECK(broker.show("pages").waiting == 4);
}

TEST_CASE("children added to a running job come once") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.produce("reports", {"report"});
    AddFlow add = children_for(broker.fetch(1, 1).at(0), {flow_node("pages")});
    add.producer = 5;
    add.producer_created_at = broker.now();
    add.sequences = {{"pages", 1, 0}};
    broker.expect<FlowAdded>(add);
    CHECK(broker.expect<FlowAdded>(add).repeated);
    CHECK(flow_of(broker, "reports", 0).head.children == 1);
}
