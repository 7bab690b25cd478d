// A running job adds children and waits for them: it comes again when they are over, and is not done before.
#include "server/core/limits.hpp"
#include "server/core/transaction.hpp"
#include "tests/unit/core/flow_builder.hpp"

using namespace baton;
using namespace baton::core;
using tests::add_flow;
using tests::Broker;
using tests::children_for;
using tests::children_of;
using tests::create_jobs;
using tests::Delivered;
using tests::fail_for_good;
using tests::flow_node;
using tests::flow_of;
using tests::result_of;
using tests::wait_children;

namespace {

using Verdict = ChildrenAwaited::Verdict;

/// Flows of which many are in memory, and none.
std::vector<CoreOptions> both_memories() {
    CoreOptions small;
    small.flows_in_memory_max = 0;
    return {CoreOptions{}, small};
}

Delivered running_job(Broker& broker, EntryOptions options = {}) {
    broker.produce("reports", {"report"}, options);
    const auto held = broker.fetch(1, 1);
    REQUIRE(held.size() == 1);
    return held.front();
}

}  // namespace

TEST_CASE("a running job adds children, waits, and is delivered again when they are over") {
    for (const CoreOptions& options : both_memories()) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        const Delivered job = running_job(broker);
        broker.expect<FlowAdded>(children_for(job, {flow_node("pages"), flow_node("pages")}));
        CHECK(flow_of(broker, "reports", job.offset).head.state == FlowState::open);
        CHECK(wait_children(broker, job) == Verdict::waits);
        CHECK(broker.show("reports").waiting_children == 1);
        CHECK(broker.show("reports").leased == 0);
        CHECK(broker.settle_refused(job, Ack{}) == RefusalCode::already_settled);
        CHECK(broker.refusal(WaitChildren{job.token, job.offset}) == RefusalCode::already_settled);

        const auto pages = broker.fetch(5, 2);
        REQUIRE(pages.size() == 2);
        broker.settle_ok(pages[0], result_of("one"));
        CHECK(broker.fetch(1, 1).empty());
        broker.settle_ok(pages[1], result_of("two"));
        const auto again = broker.fetch(1, 1);
        REQUIRE(again.size() == 1);
        CHECK(again[0].offset == job.offset);
        CHECK(again[0].payload == "report");
        CHECK(again[0].counters.deliveries == 2);
        CHECK(again[0].counters.failures == 0);
        CHECK(wait_children(broker, again[0]) == Verdict::go_on);
        CHECK(children_of(broker, "reports", job.offset).children[1].child.result->value == "two");
        broker.ack(again[0]);
        CHECK(broker.show("reports").waiting_children == 0);
    }
}

TEST_CASE("a job whose own children are not over cannot be acked") {
    for (const CoreOptions& options : both_memories()) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        const Delivered first = running_job(broker);
        const Delivered second = running_job(broker);
        broker.expect<FlowAdded>(children_for(first, {flow_node("pages")}));
        broker.expect<FlowAdded>(children_for(second, {flow_node("pages")}));
        CHECK(broker.settle_refused(first, Ack{}) == RefusalCode::children_pending);
        Transaction parts;
        parts.settlements = Broker::settle_of(first, Ack{}).settlements;
        CHECK(broker.refusal(RunTransaction{std::make_shared<const Transaction>(parts)}) ==
              RefusalCode::children_pending);

        const auto pages = broker.fetch(5, 2);
        REQUIRE(pages.size() == 2);
        broker.ack(pages[0]);
        // One request for both of them.
        Settle settle = Broker::settle_of(first, Ack{});
        settle.settlements.push_back({second.token, {{second.offset, 1}}, Ack{}});
        const auto settled = broker.expect<Settled>(settle);
        REQUIRE(settled.refused.size() == 1);
        CHECK(settled.refused[0].settlement == 1);
        CHECK(settled.refused[0].code == RefusalCode::children_pending);
        broker.ack(pages[1]);
        broker.ack(second);
    }
}

TEST_CASE("a child that fails while its parent runs fails it when it waits, unless its policy says otherwise") {
    struct Case {
        FailurePolicy policy;
        Verdict verdict;
        std::optional<RefusalCode> ack;
    };
    const Case cases[] = {
        {FailurePolicy::inherit, Verdict::failed, RefusalCode::failed_by_child},
        {FailurePolicy::fail_parent, Verdict::failed, RefusalCode::failed_by_child},
        {FailurePolicy::ignore, Verdict::go_on, std::nullopt},
        {FailurePolicy::remove, Verdict::go_on, std::nullopt},
        {FailurePolicy::continue_parent, Verdict::go_on, std::nullopt},
        {FailurePolicy::wait, Verdict::waits, RefusalCode::children_pending},
    };
    for (const CoreOptions& options : both_memories()) {
        for (const Case& one : cases) {
            INFO("policy " << static_cast<int>(one.policy));
            Broker broker(options);
            create_jobs(broker, {"reports", "pages"});
            const Delivered job = running_job(broker), other = running_job(broker);
            for (const Delivered& parent : {job, other}) {
                broker.expect<FlowAdded>(children_for(parent, {flow_node("pages", {}, one.policy)}));
                fail_for_good(broker, broker.fetch(1, 2).front());
            }
            CHECK(wait_children(broker, job) == one.verdict);
            CHECK(broker.show("reports").failed == (one.verdict == Verdict::failed ? 1 : 0));
            CHECK(broker.show("reports").waiting_children == (one.verdict == Verdict::waits ? 1 : 0));
            if (one.ack) {
                CHECK(broker.settle_refused(other, Ack{}) == *one.ack);
            } else {
                broker.ack(other);
            }
        }
    }
}

TEST_CASE("a job that goes on without some of its children can be acked") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    const Delivered job = running_job(broker);
    broker.expect<FlowAdded>(children_for(job, {flow_node("pages", {}, FailurePolicy::continue_parent),
                                                flow_node("pages", {}, FailurePolicy::continue_parent)}));
    fail_for_good(broker, broker.fetch(1, 2).at(0));
    CHECK(broker.settle_refused(job, Ack{}) == RefusalCode::children_pending);
    CHECK(wait_children(broker, job) == Verdict::go_on);
    broker.ack(job);
}

TEST_CASE("a job waits for children that it adds when it comes again") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    EntryOptions options;
    options.ttl_ms = 60'000;
    const Delivered job = running_job(broker, options);
    for (int step = 0; step < 3; ++step) {
        Delivered held = step == 0 ? job : broker.fetch(1, 1).at(0);
        CHECK(wait_children(broker, held) == Verdict::go_on);
        broker.expect<FlowAdded>(children_for(held, {flow_node("pages")}));
        CHECK(wait_children(broker, held) == Verdict::waits);
        // Its time to live counts from its release, not from when it was produced.
        broker.advance(40'000);
        broker.ack(broker.fetch(1, 2).at(0));
    }
    CHECK(flow_of(broker, "reports", job.offset).completed == 3);
    CHECK(broker.show("reports").waiting == 1);
    broker.advance(61'000);
    CHECK(broker.show("reports").waiting == 0);
}

TEST_CASE("what a job has added outlives a restart, while it runs and while it waits") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    const Delivered waits = running_job(broker), runs = running_job(broker);
    broker.expect<FlowAdded>(children_for(waits, {flow_node("pages")}));
    broker.expect<FlowAdded>(children_for(runs, {flow_node("pages")}));
    CHECK(wait_children(broker, waits) == Verdict::waits);
    const std::string live = broker.driver().core().durable_digest();
    CHECK(broker.driver().restored_copy()->durable_digest() == live);
    broker.restart();
    broker.connect(2, 5'000);
    broker.consume("reports", 0, 1);
    broker.consume("pages", 0, 2);
    CHECK(broker.settle_refused(runs, Ack{}) == RefusalCode::children_pending);
    for (const Delivered& page : broker.fetch(5, 2)) {
        broker.ack(page);
    }
    broker.ack(runs);
    const auto again = broker.fetch(1, 1);
    REQUIRE(again.size() == 1);
    CHECK(again[0].offset == waits.offset);
}

TEST_CASE("a job that waits for children can be given more by anybody") {
    for (const CoreOptions& options : both_memories()) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages"});
        const FlowAdded flow = add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
        AddFlow more{{flow_node("pages")}};
        more.parent = FlowParent{"reports", flow.messages[0].second, std::nullopt, FailurePolicy::ignore};
        broker.expect<FlowAdded>(more);
        const auto pages = broker.fetch(5, 2);
        REQUIRE(pages.size() == 2);
        broker.ack(pages[0]);
        CHECK(broker.fetch(1, 1).empty());
        fail_for_good(broker, pages[1]);
        CHECK(children_of(broker, "reports", 0).children[1].child.state == ChildState::ignored);
        CHECK(broker.fetch(1, 1).size() == 1);
    }
}

TEST_CASE("the child of a flow that adds children of its own is shown as a parent") {
    for (const CoreOptions& options : both_memories()) {
        Broker broker(options);
        create_jobs(broker, {"reports", "pages", "lines"});
        add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
        const Delivered page = broker.fetch(1, 2).at(0);
        CHECK_FALSE(children_of(broker, "reports", 0).children[0].child.is_parent);
        broker.expect<FlowAdded>(children_for(page, {flow_node("lines"), flow_node("lines", {0})}));
        CHECK(children_of(broker, "reports", 0).children[0].child.is_parent);
        ShowFlow show;
        show.queue = "reports";
        show.depth = 4;
        show.width = 10;
        CHECK(broker.expect<FlowInfo>(show).flows.size() == 3);
        // The policy of a page is that of the flow above: it fails the report.
        CHECK(wait_children(broker, page) == Verdict::waits);
        fail_for_good(broker, broker.fetch(1, 3).at(0));
        CHECK(broker.show("reports").failed == 1);
        CHECK(broker.show("pages").failed == 1);
    }
}

TEST_CASE("children are added and awaited by the holder alone") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.create("plain");
    const Delivered job = running_job(broker);
    Delivered stale = job;
    stale.token.batch += 7;
    CHECK(broker.refusal(children_for(stale, {flow_node("pages")})) == RefusalCode::token_unknown);
    CHECK(broker.refusal(WaitChildren{stale.token, stale.offset}) == RefusalCode::token_unknown);
    const auto parent_of = [](const std::string& queue, Offset offset) {
        AddFlow add{{flow_node("pages")}};
        add.parent = FlowParent{queue, offset, std::nullopt, FailurePolicy::inherit};
        return add;
    };
    CHECK(broker.refusal(parent_of("none", 0)) == RefusalCode::queue_not_found);
    CHECK(broker.refusal(parent_of("plain", 0)) == RefusalCode::wrong_profile);
    CHECK(broker.refusal(parent_of("reports", 77)) == RefusalCode::wrong_message_state);
    broker.produce("reports", {"waiting"});
    CHECK(broker.refusal(parent_of("reports", job.offset + 1)) == RefusalCode::wrong_message_state);
    broker.expect<JobsCancelled>(CancelJobs{"reports", {job.offset}});
    CHECK(broker.refusal(children_for(job, {flow_node("pages")})) == RefusalCode::job_cancelled);
    CHECK(broker.refusal(WaitChildren{job.token, job.offset}) == RefusalCode::job_cancelled);
    CHECK(broker.show("pages").waiting == 0);
}

TEST_CASE("a job has at most ten thousand children") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    const Delivered job = running_job(broker);
    const std::vector<FlowNode> thousand(limits::flow_nodes_max, flow_node("pages"));
    for (std::uint32_t i = 0; i < limits::flow_children_max / limits::flow_nodes_max; ++i) {
        broker.expect<FlowAdded>(children_for(job, thousand));
    }
    const auto refused = broker.expect<Refusal>(children_for(job, {flow_node("pages")}));
    CHECK(refused.code == RefusalCode::invalid_argument);
    CHECK(refused.field == "add_flow.nodes");
    CHECK(refused.limit == limits::flow_children_max);
    CHECK(broker.driver().restored_copy()->durable_digest() == broker.driver().core().durable_digest());
}

TEST_CASE("an ack that comes after its lease is not taken while the job has children") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"}, tests::lease_of(1'000));
    const Delivered job = running_job(broker);
    broker.expect<FlowAdded>(children_for(job, {flow_node("pages")}));
    broker.advance(2'000);
    CHECK(broker.show("reports").waiting == 1);
    CHECK(broker.settle_refused(job, Ack{}) == RefusalCode::lease_expired);
    CHECK(broker.show("reports").waiting == 1);
}
