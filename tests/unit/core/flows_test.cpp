// Flows: a parent waits for its children, reads what they returned, and keeps its delay and priority.
#include "server/core/limits.hpp"
#include "tests/unit/core/flow_builder.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::add_flow;
using tests::Broker;
using tests::children_of;
using tests::create_jobs;
using tests::flow_node;
using tests::flow_of;
using tests::result_of;

namespace {

/// Every n-th of these tests keeps almost nothing of flows in memory.
CoreOptions small_memory() {
    CoreOptions options;
    options.flows_in_memory_max = 0;
    return options;
}

EntryOptions priority_of(std::uint32_t priority) {
    EntryOptions options;
    options.priority = priority;
    return options;
}

}  // namespace

TEST_CASE("a parent is delivered when its last child is completed, and reads what they returned") {
    for (const CoreOptions& options : {CoreOptions{}, small_memory()}) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        const FlowAdded added =
            add_flow(broker, {flow_node("reports"), flow_node("pages", {0}), flow_node("pages", {0})});
        REQUIRE(added.messages.size() == 3);
        CHECK(added.messages[2].second == added.messages[1].second + 1);
        CHECK(broker.show("reports").waiting_children == 1);
        CHECK(broker.show("reports").waiting == 0);
        CHECK(broker.peek("reports", MessageState::waiting_children).messages.size() == 1);
        CHECK(broker.fetch(1, 1).empty());

        const auto pages = broker.fetch(2, 2);
        REQUIRE(pages.size() == 2);
        broker.settle_ok(pages[1], result_of("second"));
        CHECK(broker.fetch(1, 1).empty());
        CHECK(flow_of(broker, "reports", 0).pending == 1);
        broker.settle_ok(pages[0], result_of("first"));
        CHECK(broker.show("reports").waiting_children == 0);
        const auto report = broker.fetch(1, 1);
        REQUIRE(report.size() == 1);
        CHECK(report[0].payload == "of reports");

        const ChildList children = children_of(broker, "reports", report[0].offset);
        REQUIRE(children.children.size() == 2);
        CHECK(children.children[0].child.result->value == "first");
        CHECK(children.children[1].child.result->value == "second");
        CHECK(children.children[1].queue == "pages");
        broker.ack(report[0]);
        CHECK(flow_of(broker, "reports", 0).completed == 2);
    }
}

TEST_CASE("the results of a run of plain children reach their parents") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    std::vector<FlowNode> nodes{flow_node("reports"), flow_node("reports")};
    for (std::uint32_t i = 0; i < 100; ++i) {
        nodes.push_back(flow_node("pages", {i % 2}));
    }
    add_flow(broker, std::move(nodes));
    const auto pages = broker.fetch(200, 2);
    REQUIRE(pages.size() == 100);
    Settle settle;
    settle.settlements.push_back({pages[0].token, {{pages[0].offset, 100}}, result_of("done")});
    CHECK(broker.expect<Settled>(settle).refused.empty());
    CHECK(broker.show("reports").waiting == 2);
    CHECK(children_of(broker, "reports", 1).children.size() == 50);
    CHECK(children_of(broker, "reports", 1).children[49].child.result->value == "done");
}

TEST_CASE("a released parent keeps its priority, and its delay and time to live count from then") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    EntryOptions late;
    late.delay_ms = 10'000;
    late.ttl_ms = 5'000;
    add_flow(broker, {flow_node("reports", {}, FailurePolicy::inherit, priority_of(7)), flow_node("pages", {0}),
                      flow_node("reports", {}, FailurePolicy::inherit, priority_of(3)), flow_node("pages", {2}),
                      flow_node("reports", {}, FailurePolicy::inherit, late), flow_node("pages", {4})});
    broker.advance(60'000);
    CHECK(broker.show("reports").waiting_children == 3);
    for (const auto& page : broker.fetch(3, 2)) {
        broker.ack(page);
    }
    CHECK(broker.show("reports").prioritized == 2);
    CHECK(broker.show("reports").delayed == 1);
    CHECK(broker.peek("reports", MessageState::prioritized).messages.front().priority == 3);
    const StoredMessage delayed = broker.peek("reports", MessageState::delayed).messages.front();
    CHECK(delayed.at == broker.now() + 10'000);
    CHECK(delayed.expires_at == broker.now() + 15'000);
    broker.advance(15'001);
    CHECK(broker.show("reports").totals.expired == 1);
}

TEST_CASE("flows are nested, and shown with what is below them") {
    for (const CoreOptions& options : {CoreOptions{}, small_memory()}) {
        Broker broker(options);
        create_jobs(broker, {"books", "chapters", "pages"});
        add_flow(broker, {flow_node("books"), flow_node("chapters", {0}), flow_node("pages", {1}),
                          flow_node("chapters", {0}), flow_node("pages", {3})});
        ShowFlow show;
        show.queue = "books";
        show.depth = 2;
        show.width = 10;
        const FlowInfo whole = broker.expect<FlowInfo>(show);
        REQUIRE(whole.flows.size() == 3);
        CHECK(whole.flows[0].children[1].child.is_parent);
        CHECK(whole.flows[2].queue == "chapters");
        CHECK(whole.flows[2].children[0].queue == "pages");
        show.depth = 1;
        CHECK(broker.expect<FlowInfo>(show).flows.size() == 1);
        for (const char* queue : {"pages", "chapters"}) {
            for (const auto& job : broker.fetch(5, queue == std::string("pages") ? 3 : 2)) {
                CHECK(broker.show("books").waiting == 0);
                broker.ack(job);
            }
        }
        CHECK(broker.show("books").waiting == 1);
    }
}

TEST_CASE("a message with several parents releases each of them") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {flow_node("reports"), flow_node("reports"), flow_node("pages", {0, 1}), flow_node("pages", {1})});
    const auto pages = broker.fetch(2, 2);
    broker.settle_ok(pages[0], result_of("for both"));
    CHECK(broker.show("reports").waiting == 1);
    CHECK(broker.show("reports").waiting_children == 1);
    CHECK(children_of(broker, "reports", 1).children[0].child.result->value == "for both");
    broker.ack(pages[1]);
    CHECK(broker.show("reports").waiting == 2);
}

TEST_CASE("what waits for itself, nests too deep or names what is not there is refused whole") {
    Broker broker;
    create_jobs(broker, {"a"});
    broker.create("plain");
    CHECK(broker.refusal(AddFlow{{flow_node("a", {1}), flow_node("a", {0})}}) == RefusalCode::flow_cycle);
    CHECK(broker.refusal(AddFlow{{flow_node("a", {0})}}) == RefusalCode::flow_cycle);
    const auto bad_parents = broker.expect<Refusal>(AddFlow{{flow_node("a"), flow_node("a", {2})}});
    CHECK(bad_parents.field == "add_flow.nodes[1].parents");
    CHECK(broker.expect<Refusal>(AddFlow{{flow_node("a"), flow_node("a", {0, 0})}}).field == bad_parents.field);
    CHECK(broker.refusal(AddFlow{}) == RefusalCode::invalid_argument);
    CHECK(broker.refusal(AddFlow{{flow_node("a"), flow_node("none", {0})}}) == RefusalCode::queue_not_found);
    CHECK(broker.refusal(AddFlow{{flow_node("plain")}}) == RefusalCode::wrong_profile);
    std::vector<FlowNode> deep{flow_node("a")};
    while (deep.size() < limits::flow_depth_max) {
        deep.push_back(flow_node("a", {static_cast<std::uint32_t>(deep.size() - 1)}));
    }
    add_flow(broker, deep);
    deep.push_back(flow_node("a", {limits::flow_depth_max - 1}));
    CHECK(broker.refusal(AddFlow{deep}) == RefusalCode::flow_too_deep);
    CHECK(broker.show("a").totals.produced == limits::flow_depth_max);
}

TEST_CASE("a flow that finds no room in one of its queues is refused whole") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    QueueSettingsChange small;
    small.max_messages = 2;
    broker.update("pages", small);
    const std::vector<FlowNode> nodes{flow_node("reports"), flow_node("pages", {0}), flow_node("pages", {0})};
    add_flow(broker, nodes);
    CHECK(broker.refusal(AddFlow{nodes}) == RefusalCode::queue_full);
    CHECK(broker.show("reports").totals.produced == 1);
}

TEST_CASE("pages of many children, filters and long results") {
    for (const CoreOptions& options : {CoreOptions{}, small_memory()}) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        std::vector<FlowNode> nodes{flow_node("reports")};
        for (int i = 0; i < 150; ++i) {
            nodes.push_back(flow_node("pages", {0}));
        }
        add_flow(broker, std::move(nodes));
        const std::string longer(limits::flow_result_bytes_inline + 1, 'x');
        const auto pages = broker.fetch(140, 2);
        for (std::size_t i = 0; i < pages.size(); ++i) {
            broker.settle_ok(pages[i], result_of(i == 70 ? longer : std::to_string(i)));
        }
        CHECK(flow_of(broker, "reports", 0).pending == 10);
        const std::uint32_t done = 1U << static_cast<std::uint32_t>(ChildState::completed);
        ChildList page = children_of(broker, "reports", 0, done, 0, 100);
        REQUIRE(page.children.size() == 100);
        CHECK(page.more);
        CHECK(page.children[70].child.result->value == longer);
        page = children_of(broker, "reports", 0, done, page.next, 100);
        CHECK(page.children.size() == 40);
        CHECK_FALSE(page.more);
        broker.restart();
        broker.connect(2);
        CHECK(children_of(broker, "reports", 0, done, 70, 1).children[0].child.result->value == longer);
        CHECK(children_of(broker, "reports", 0, done, 140, 100).children.empty());
    }
}

TEST_CASE("a flow outlives a restart, in whatever state its children are") {
    for (const CoreOptions& options : {CoreOptions{}, small_memory()}) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        add_flow(broker, {flow_node("reports"), flow_node("pages", {0}), flow_node("pages", {0})});
        broker.settle_ok(broker.fetch(1, 2).front(), result_of("before"));
        broker.restart();
        broker.connect(2);
        CHECK(broker.show("reports").waiting_children == 1);
        broker.consume("reports", 0, 1);
        broker.consume("pages", 0, 2);
        broker.ack(broker.fetch(1, 2).front());
        REQUIRE(broker.fetch(1, 1).size() == 1);
        CHECK(children_of(broker, "reports", 0).children[0].child.result->value == "before");
    }
}

TEST_CASE("a parent that is removed or cancelled leaves its children, and they leave nothing behind") {
    for (const CoreOptions& options : {CoreOptions{}, small_memory()}) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        add_flow(broker,
                 {flow_node("reports"), flow_node("pages", {0}), flow_node("reports"), flow_node("pages", {2})});
        CHECK(broker.expect<JobsRemoved>(RemoveJobs{"reports", {0}}).removed == 1);
        CHECK(broker.expect<JobsCancelled>(CancelJobs{"reports", {1}, 0, {}}).cancelled.size() == 1);
        ListChildren list;
        list.queue = "reports";
        list.limit = 10;
        CHECK(broker.refusal(list) == RefusalCode::flow_not_found);
        for (const auto& page : broker.fetch(2, 2)) {
            broker.ack(page);
        }
        CHECK(broker.show("reports").waiting == 0);
        const tests::Tables& tables = broker.driver().store().tables();
        CHECK(tables.flows.empty());
        CHECK(tables.flow_news.empty());
        CHECK(tables.flow_members.empty());
    }
}

TEST_CASE("flows go with their parents by retention, and with their queue") {
    Broker broker;
    QueueSettingsChange settings;
    settings.completed_retention.messages = 1;
    create_jobs(broker, {"reports", "pages"}, settings);
    for (int i = 0; i < 3; ++i) {
        add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
        broker.ack(broker.fetch(1, 2).front());
        broker.ack(broker.fetch(1, 1).front());
        broker.advance(limits::retention_every_ms);
    }
    CHECK(broker.driver().store().tables().flows.size() == 1);
    CHECK(flow_of(broker, "reports", 2).completed == 1);
    broker.expect<Done>(DeleteQueue{"reports"});
    CHECK(broker.driver().store().tables().flows.empty());
}
