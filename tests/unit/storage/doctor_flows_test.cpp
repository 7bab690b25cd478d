// An examination of flows: silent about flows in every state that the broker leaves behind, and for each damage done to
// one the name of that.
#include "server/core/limits.hpp"
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace baton;
using core::ChildState;
using core::FailurePolicy;
using core::FlowState;
using storage::Ailment;
using storage::Store;

namespace {

constexpr core::NamespaceId doctor_ns{1};
constexpr core::QueueId reports{5}, pages{6}, deleted{7};
/// Messages of `pages`.
constexpr core::Offset page_live = 0, page_done = 1, page_failed = 2, page_delayed = 3;
/// Parents, all messages of `reports`.
constexpr core::Offset purged = 0, waiting = 1, released = 2, failed = 3, news_stored = 4, being_lost = 5;
constexpr std::uint32_t two_pages = core::limits::flow_page_children + 1;

core::MessageRecord record_at(core::Lane lane, core::Offset offset) {
    core::MessageRecord record;
    record.lane = lane;
    record.offset = offset;
    record.body = tests::make_entries(std::vector<std::string>{"record"});
    return record;
}

std::uint64_t record_bytes() { return record_at(core::Lane::timed, 0).body.size_of(0); }

core::FlowChild child(core::Offset offset, ChildState state = ChildState::pending,
                      FailurePolicy policy = FailurePolicy::fail_parent) {
    return {pages, offset, policy, state};
}

core::PutFlow flow_of(core::Offset parent, FlowState state, std::vector<core::FlowChild> children) {
    core::PutFlow put{doctor_ns, {reports, parent}, 0, {}, std::move(children)};
    put.head.state = state;
    put.head.children = static_cast<std::uint32_t>(put.children.size());
    return put;
}

core::PutQueue queue_named(core::QueueId id, const char* name) {
    return {doctor_ns, id, name, core::Profile::job, 1, core::default_settings(core::Profile::job)};
}

/// Two queues, `reports` with the parents and `pages` with the children, and flows in every state.
class FlowStore {
public:
    FlowStore() : store_(Store::open(tests::options_in(dir_))) {
        fill_pages();
        fill_reports();
        all_.emplace_back(core::PutNamespace{doctor_ns, "default"});
        all_.emplace_back(core::PutShard{2, 8, 1, {{doctor_ns, deleted, 9}}});
        all_.emplace_back(queue_named(reports, "reports"));
        all_.emplace_back(queue_named(pages, "pages"));
        all_.emplace_back(state_);
        commit(std::move(all_));
    }

    static core::Mutation member(core::QueueId of, core::Offset parent) {
        return core::PutFlowMember{doctor_ns, of, {reports, parent}};
    }
    static core::Mutation no_flow(core::Offset parent, bool paged = false) {
        return core::RemoveFlows{doctor_ns, reports, {{parent, 1}}, paged};
    }
    /// The parent leaves its lane, and every count and index is told.
    std::vector<core::Mutation> no_parent(core::Offset parent) {
        state_.flows.waiting -= 1;
        state_.live_bytes -= record_bytes();
        return {core::RemoveLaneRecord{doctor_ns, reports, core::Lane::waiting_children, 1, 0, parent, 0, {}},
                core::RemoveLocator{doctor_ns, reports, parent}, state_};
    }

    void commit(std::vector<core::Mutation> mutations) { store_->commit(mutations, ++now_, true); }
    core::PutQueueState& state() { return state_; }
    storage::Diagnosis examine(std::function<bool()> go_on = {}) { return store_->examine({"", "", std::move(go_on)}); }
    std::vector<Ailment::Kind> kinds() {
        std::vector<Ailment::Kind> kinds;
        for (const Ailment& one : examine().ailments) {
            CAPTURE(one.text);
            CHECK(one.queue == "reports");
            kinds.push_back(one.kind);
        }
        return kinds;
    }

private:
    void fill_pages() {
        auto chunk = std::make_shared<core::Chunk>();
        chunk->log = pages;
        chunk->count = 1;
        chunk->runs = {tests::make_entries(std::vector<std::string>{"page"})};
        chunk->bytes = chunk->runs.front().bytes().size();
        core::PutQueueState state;
        state.ns = doctor_ns;
        state.id = pages;
        state.end = 4;
        state.low_page.assign(64, 0);
        state.low_page[0] = 0b1110;
        state.bits_set = 3;
        state.timed_count = state.failed_count = 1;
        state.failed_bytes = record_bytes();
        state.live_bytes = chunk->bytes + record_bytes();
        state.flows.has_children = true;
        all_ = {
            core::PutChunk{doctor_ns, chunk},
            core::PutLaneRecord{doctor_ns, pages, core::Lane::failed, 0, record_at(core::Lane::failed, page_failed)},
            core::PutLaneRecord{doctor_ns, pages, core::Lane::timed, 0, record_at(core::Lane::timed, page_delayed)},
            core::PutLocator{doctor_ns, pages, page_delayed, core::Lane::timed, 0, 0, {}}, state};
    }

    void fill_reports() {
        state_.ns = doctor_ns;
        state_.id = reports;
        state_.end = state_.low = 6;
        state_.lane_generation = 1;
        state_.flows = {3, false, true, true, 1};
        state_.live_bytes = 3 * record_bytes();
        for (const core::Offset parent : {waiting, news_stored, being_lost}) {
            constexpr auto lane = core::Lane::waiting_children;
            all_.emplace_back(core::PutLaneRecord{doctor_ns, reports, lane, 1, record_at(lane, parent)});
            all_.emplace_back(core::PutLocator{doctor_ns, reports, parent, lane, 0, 0, {}});
        }
        all_.emplace_back(flow_of(purged, FlowState::waiting, {child(page_done)}));
        all_.emplace_back(flow_of(waiting, FlowState::waiting,
                                  {child(page_live), child(page_done, ChildState::completed),
                                   child(page_failed, ChildState::failed, FailurePolicy::wait)}));
        all_.emplace_back(flow_of(released, FlowState::released, {child(page_delayed), child(page_live)}));
        fill_failed();
        all_.emplace_back(flow_of(news_stored, FlowState::waiting, {child(page_live), child(page_done)}));
        all_.emplace_back(core::PutFlowNews{doctor_ns, {{reports, news_stored}, 1}, 0, {}});
        all_.emplace_back(
            flow_of(being_lost, FlowState::waiting, {{deleted, 8, FailurePolicy::wait, ChildState::pending}}));
        for (const core::Offset parent : {waiting, released, failed, news_stored}) {
            all_.emplace_back(member(pages, parent));
        }
        all_.emplace_back(member(deleted, being_lost));
    }

    void fill_failed() {
        core::PutFlow first =
            flow_of(failed, FlowState::failed, std::vector(two_pages - 1, child(page_done, ChildState::completed)));
        first.head.children = two_pages;
        first.children[0] = child(page_failed, ChildState::failed);
        all_.emplace_back(first);
        all_.emplace_back(core::PutFlow{doctor_ns, {reports, failed}, 1, {}, {child(page_live)}});
    }

    const tests::TempDir dir_;
    std::unique_ptr<Store> store_;
    std::vector<core::Mutation> all_;
    core::PutQueueState state_;
    core::TimeMs now_ = 1'000;
};

}  // namespace

TEST_CASE("flows that wait, go on, have failed or whose parent was purged are no ailment") {
    FlowStore store;
    const auto diagnosis = store.examine();
    for (const Ailment& one : diagnosis.ailments) {
        FAIL_CHECK(one.queue << ": " << one.text);
    }
    CHECK(diagnosis.found == 0);
    CHECK(diagnosis.queues == 2);
}

TEST_CASE("what flows that are gone leave behind for a while is no ailment") {
    FlowStore store;
    store.commit({core::PutFlowNews{doctor_ns, {{reports, 9}, 0}, 0, {}}, FlowStore::member(pages, 9)});
    CHECK(store.kinds().empty());
}

TEST_CASE("a flow that waits without its parent is named") {
    FlowStore store;
    SECTION("the parent is gone") { store.commit(store.no_parent(waiting)); }
    SECTION("a purge was before it") {
        store.state().flows.purged_below = 0;
        store.state().lane_generation = 0;
        auto mutations = store.no_parent(waiting);
        for (const core::Offset parent : {news_stored, being_lost}) {
            constexpr auto lane = core::Lane::waiting_children;
            mutations.emplace_back(core::PutLaneRecord{doctor_ns, reports, lane, 0, record_at(lane, parent)});
        }
        mutations.push_back(FlowStore::no_flow(purged));
        store.commit(mutations);
    }
    CHECK(store.kinds() == std::vector{Ailment::Kind::flow_without_parent});
}

TEST_CASE("which parents a purge took before that was noted is not known") {
    FlowStore store;
    store.state().flows.purged_below = 0;
    store.commit(store.no_parent(waiting));
    CHECK(store.kinds().empty());
}

TEST_CASE("a parent that waits and whose flow does not is named") {
    FlowStore store;
    SECTION("there is no flow") { store.commit({FlowStore::no_flow(waiting)}); }
    SECTION("it was released") { store.commit({flow_of(waiting, FlowState::released, {child(page_live)})}); }
    CHECK(store.kinds() == std::vector{Ailment::Kind::parent_without_flow});
}

TEST_CASE("a parent that is done again before its flow has heard of it is sound") {
    FlowStore store;
    store.commit({flow_of(waiting, FlowState::failed, {child(page_live)}),
                  core::PutFlowNews{doctor_ns, {{reports, waiting}, core::parent_index}, 0, {}}});
    CHECK(store.kinds().empty());
}

TEST_CASE("a flow that waits for nothing is named") {
    FlowStore store;
    store.commit({flow_of(waiting, FlowState::waiting, {child(page_done, ChildState::completed)})});
    CHECK(store.kinds() == std::vector{Ailment::Kind::flow_not_released});
}

TEST_CASE("a child that a flow waits for and that is nowhere is named") {
    FlowStore store;
    SECTION("its news are gone") { store.commit({core::RemoveFlowNews{doctor_ns, {reports, news_stored}, 0}}); }
    SECTION("nobody tells of its queue any more") { store.commit({core::PutShard{2, 8, 1, {}}}); }
    SECTION("the loss that is told of was before it") {
        store.commit({core::PutShard{2, 8, 1, {{doctor_ns, deleted, 8}}}});
    }
    SECTION("it has failed") { store.commit({flow_of(waiting, FlowState::waiting, {child(page_failed)})}); }
    SECTION("it was never produced") { store.commit({flow_of(waiting, FlowState::waiting, {child(4)})}); }
    SECTION("its parent went on") { store.commit({flow_of(released, FlowState::released, {child(page_done)})}); }
    SECTION("it had failed and is gone") {
        store.commit(
            {flow_of(waiting, FlowState::waiting, {child(page_done, ChildState::failed, FailurePolicy::wait)})});
    }
    CHECK(store.kinds() == std::vector{Ailment::Kind::child_lost});
}

TEST_CASE("a flow whose pages do not hold all its children is named") {
    FlowStore store;
    SECTION("the first is gone") { store.commit({FlowStore::no_flow(failed)}); }
    SECTION("another is gone") {
        core::PutFlow first = flow_of(failed, FlowState::failed, {child(page_failed, ChildState::failed)});
        first.head.children = two_pages;
        store.commit({FlowStore::no_flow(failed, true), first});
    }
    SECTION("there is one too many") {
        core::PutFlow first = flow_of(released, FlowState::released, {child(page_live), child(page_delayed)});
        first.head.children = 1;
        store.commit({first});
    }
    CHECK(store.kinds() == std::vector{Ailment::Kind::flow_pages});
}

TEST_CASE("a flow that the index misses while it waits for a child is named") {
    FlowStore store;
    SECTION("it waits") { store.commit({core::RemoveFlowMember{doctor_ns, pages, {reports, waiting}}}); }
    SECTION("it went on") { store.commit({core::RemoveFlowMember{doctor_ns, pages, {reports, released}}}); }
    SECTION("it waits for children of two queues") {
        store.commit({flow_of(waiting, FlowState::waiting, {child(page_live), {deleted, 8}})});
    }
    CHECK(store.kinds() == std::vector{Ailment::Kind::flow_member});
}
