// Flows on a real database: pages, parents that wait, long results, news, and their removal.
#include "storage/damage.hpp"
#include "storage/flow_codec.hpp"
#include "storage/flow_keys.hpp"
#include "storage/record_codec.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr core::NamespaceId flow_ns{1};
constexpr core::QueueId flow_queue{5};

core::JobResultPtr flow_result(const std::string& value) {
    return std::make_shared<const core::JobResult>(core::JobResult{"text/plain", value});
}

core::PutFlow flow_page(core::Offset parent, std::uint32_t page, std::uint32_t children, std::uint32_t in_all) {
    core::PutFlow put{flow_ns, {flow_queue, parent}, page, {}, {}};
    if (page == 0) {
        put.head = {core::FlowState::failed, 100, 200, 300, 400, in_all};
    }
    for (std::uint32_t i = 0; i < children; ++i) {
        put.children.push_back({core::QueueId{6 + i}, 10 * page + i, core::FailurePolicy::wait,
                                core::ChildState::ignored, true, true, "torn", flow_result("r")});
    }
    return put;
}

core::PutLaneRecord waiting_parent(core::Offset parent) {
    core::PutLaneRecord put{flow_ns, flow_queue, core::Lane::waiting_children, 3, {}};
    put.record.offset = parent;
    put.record.lane = core::Lane::waiting_children;
    auto meta = std::make_shared<core::MessageMeta>();
    meta->has_flow = meta->has_open_flow = true;
    meta->parents = std::make_shared<const std::vector<core::FlowLink>>(
        std::vector<core::FlowLink>{{{core::QueueId{9}, 8}, 7}, {{core::QueueId{6}, 5}, 4}});
    put.record.meta = std::move(meta);
    put.record.body = tests::make_entries(std::vector<std::string>{"parent"});
    return put;
}

core::FlowRead read_flow(storage::Store& store, core::Offset parent, std::vector<std::uint32_t> results = {}) {
    const core::ReadFlow wanted{flow_ns, {flow_queue, parent}, 3, std::move(results)};
    return std::get<core::FlowRead>(store.read({1, wanted}).found);
}

}  // namespace

TEST_CASE("a flow comes back with all its pages and the parent that waits") {
    const tests::TempDir dir;
    auto store = storage::Store::open(tests::options_in(dir));
    store->commit(std::vector<core::Mutation>{flow_page(7, 0, 2, 3), flow_page(7, 1, 1, 3), flow_page(8, 0, 1, 1),
                                              waiting_parent(7)},
                  1, true);
    const core::FlowRead flow = read_flow(*store, 7);
    REQUIRE(flow.head);
    CHECK(*flow.head == core::FlowHead{core::FlowState::failed, 100, 200, 300, 400, 3});
    REQUIRE(flow.children.size() == 3);
    const core::FlowChild& last = flow.children[2];
    CHECK(last.queue == core::QueueId{6});
    CHECK(last.offset == 10);
    CHECK(last.policy == core::FailurePolicy::wait);
    CHECK(last.state == core::ChildState::ignored);
    CHECK(last.is_parent);
    CHECK(last.spilled);
    CHECK(last.error == "torn");
    CHECK(*last.result == *flow_result("r"));
    REQUIRE(flow.parent);
    CHECK(flow.parent->lane == core::Lane::waiting_children);
    CHECK(flow.parent->meta->has_flow);
    CHECK(flow.parent->meta->has_open_flow);
    REQUIRE(flow.parent->meta->parents->size() == 2);
    CHECK(flow.parent->meta->parents->at(0) == core::FlowLink{{core::QueueId{9}, 8}, 7});
    CHECK_FALSE(read_flow(*store, 9).head);
    CHECK_FALSE(read_flow(*store, 8).parent);
    store->commit(std::vector<core::Mutation>{core::SweepLane{flow_ns, flow_queue, core::Lane::waiting_children, 4}}, 2,
                  true);
    CHECK_FALSE(read_flow(*store, 7).parent);
}

TEST_CASE("long results are read by name, and go with their flow") {
    const tests::TempDir dir;
    auto store = storage::Store::open(tests::options_in(dir));
    const auto result = [](core::Offset parent, std::uint32_t index) {
        return core::PutFlowResult{flow_ns, {{flow_queue, parent}, index}, flow_result(std::to_string(index))};
    };
    store->commit(std::vector<core::Mutation>{flow_page(7, 0, 1, 1), result(7, 0), result(7, 3), flow_page(8, 0, 1, 1),
                                              result(8, 0)},
                  1, true);
    const auto results = read_flow(*store, 7, {0, 1, 3}).results;
    REQUIRE(results.size() == 2);
    CHECK(results.at(3)->value == "3");
    store->commit(std::vector<core::Mutation>{core::RemoveFlows{flow_ns, flow_queue, {{7, 1}}, true}}, 2, true);
    CHECK_FALSE(read_flow(*store, 7).head);
    CHECK(read_flow(*store, 7, {0, 3}).results.empty());
    CHECK(read_flow(*store, 8, {0}).results.size() == 1);
    store->commit(std::vector<core::Mutation>{core::RemoveFlows{flow_ns, flow_queue, {{6, 5}}, false}}, 3, true);
    CHECK_FALSE(read_flow(*store, 8).head);
    store->commit(std::vector<core::Mutation>{flow_page(7, 0, 1, 1), core::SweepQueue{flow_ns, flow_queue}}, 4, true);
    CHECK_FALSE(read_flow(*store, 7).head);
    CHECK(read_flow(*store, 8, {0}).results.empty());
}

TEST_CASE("start-up hands back news and what queues know of flows, and no flows") {
    const tests::TempDir dir;
    core::PutQueueState state;
    state.ns = flow_ns;
    state.id = flow_queue;
    state.flows = {9, true, true, true, 12};
    {
        auto store = storage::Store::open(tests::options_in(dir));
        const core::FlowLink child{{flow_queue, 7}, 2};
        const core::FlowLink other{{flow_queue, 7}, 3};
        store->commit(
            std::vector<core::Mutation>{core::PutNamespace{flow_ns, "default"}, state, flow_page(7, 0, 1, 1),
                                        core::PutFlowNews{flow_ns,
                                                          child,
                                                          4,
                                                          {core::FlowNewsKind::detached, core::JobOutcome::expired,
                                                           "why", flow_result("r"), core::QueueId{6}}},
                                        core::PutFlowNews{flow_ns, other, 5, {}},
                                        core::RemoveFlowNews{flow_ns, other.flow, 5},
                                        core::PutFlowMember{flow_ns, core::QueueId{6}, {flow_queue, 7}}},
            1, true);
    }
    auto store = storage::Store::open(tests::options_in(dir));
    std::vector<core::PutFlowNews> news;
    core::FlowCounts counts;
    std::size_t others = 0;
    store->load([&](core::Mutation&& record) {
        if (const auto* one = std::get_if<core::PutFlowNews>(&record)) {
            news.push_back(*one);
        } else if (const auto* known = std::get_if<core::PutQueueState>(&record)) {
            counts = known->flows;
        } else if (!std::holds_alternative<core::PutNamespace>(record)) {
            ++others;
        }
    });
    CHECK(others == 0);
    CHECK(counts == state.flows);
    REQUIRE(news.size() == 1);
    CHECK(news[0].child == core::FlowLink{{flow_queue, 7}, 2});
    CHECK(news[0].number == 4);
    CHECK(news[0].news.outcome == core::JobOutcome::expired);
    CHECK(news[0].news.kind == core::FlowNewsKind::detached);
    CHECK(news[0].news.text == "why");
    CHECK(news[0].news.result->value == "r");
    CHECK(news[0].news.queue == core::QueueId{6});
}

TEST_CASE("a page under the key of another flow is damage") {
    const std::string value = storage::encode(flow_page(7, 0, 1, 1));
    const auto key_of = [](core::Offset parent, std::uint64_t page) {
        return *storage::parse_key(storage::flow_key(flow_ns, {flow_queue, parent}, page).view());
    };
    CHECK(storage::decode_flow(key_of(7, 0), value).children.size() == 1);
    CHECK_THROWS_AS(storage::decode_flow(key_of(8, 0), value), storage::Damage);
    CHECK_THROWS_AS(storage::decode_flow(key_of(7, 1), value), storage::Damage);
    const auto member = storage::parse_key(storage::flow_member_key(flow_ns, core::QueueId{6}, {flow_queue, 7}).view());
    REQUIRE(member);
    CHECK(member->queue == core::QueueId{6});
    CHECK(member->seq == 5);
    CHECK(member->number == 7);
}
