// An examination of a store: silent about a healthy one, and for each damage done to it the name of that.
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace baton;
using storage::Ailment;
using storage::Store;

namespace {

constexpr core::Offset delayed_at = 3;

core::MessageRecord delayed_record() {
    core::MessageRecord record;
    record.lane = core::Lane::timed;
    record.offset = delayed_at;
    record.at = 5'000;
    record.body = tests::make_entries(std::vector<std::string>{"delayed"});
    auto meta = std::make_shared<core::MessageMeta>();
    meta->identity = std::make_shared<const core::Identity>(
        core::Identity{"order 7", core::Dedup{"page", core::DedupMode::simple, 0, false, false}});
    record.meta = std::move(meta);
    return record;
}

core::MessageRecord failed_record() {
    core::MessageRecord record;
    record.lane = core::Lane::failed;
    record.offset = 1;
    record.body = tests::make_entries(std::vector<std::string>{"failed"});
    return record;
}

/// A queue with a plain message that is leased, one that failed, one that is done, and a delayed one with names.
class SampleStore {
public:
    SampleStore() : store_(Store::open(tests::options_in(dir_))) {
        state_.ns = tests::sample_ns;
        state_.id = tests::sample_queue;
        state_.end = 4;
        state_.low = 0;
        state_.low_page.assign(64, 0);
        state_.low_page[0] = 0b1110;
        state_.bits_set = 3;
        state_.next_batch = 2;
        state_.timed_count = 1;
        state_.failed_count = 1;
        state_.failed_bytes = failed_record().body.size_of(0);
        state_.names.used = true;
        core::PutLease lease;
        lease.ns = tests::sample_ns;
        lease.id = tests::sample_queue;
        lease.batch = 1;
        lease.worker = "w";
        lease.ranges.push_back({0, 1});
        std::vector<core::Mutation> all{core::PutNamespace{tests::sample_ns, "default"},
                                        core::PutQueue{tests::sample_ns, tests::sample_queue, "q", core::Profile::job,
                                                       1, core::default_settings(core::Profile::job)},
                                        tests::sample_chunk(0),
                                        delayed(),
                                        failed(),
                                        locator(),
                                        lease,
                                        core::PutName{tests::sample_ns, id(), {delayed_at}},
                                        core::PutName{tests::sample_ns, key(), {delayed_at}}};
        state_.live_bytes = std::get<core::PutChunk>(all[2]).chunk->bytes + delayed_record().body.size_of(0);
        all.emplace_back(state_);
        commit(std::move(all));
    }

    static core::Name id() { return {tests::sample_queue, core::NameKind::id, "order 7"}; }
    static core::Name key() { return {tests::sample_queue, core::NameKind::dedup, "page"}; }
    static core::Mutation delayed() {
        return core::PutLaneRecord{tests::sample_ns, tests::sample_queue, core::Lane::timed, 0, delayed_record()};
    }
    static core::Mutation failed() {
        return core::PutLaneRecord{tests::sample_ns, tests::sample_queue, core::Lane::failed, 0, failed_record()};
    }
    static core::Mutation locator() {
        return core::PutLocator{tests::sample_ns, tests::sample_queue, delayed_at, core::Lane::timed, 5'000, 0, {}};
    }
    static core::Mutation no_delayed() {
        return core::RemoveLaneRecord{
            tests::sample_ns, tests::sample_queue, core::Lane::timed, 0, 5'000, delayed_at, 0, {}};
    }

    void commit(std::vector<core::Mutation> mutations) { store_->commit(mutations, ++now_, true); }
    core::PutQueueState state() const { return state_; }
    storage::Diagnosis examine(const std::string& queue = {}, std::function<bool()> go_on = {},
                               const std::string& ns = "default") {
        return store_->examine({ns, queue, std::move(go_on)});
    }
    /// What is found, of which kinds.
    std::vector<Ailment::Kind> kinds() {
        std::vector<Ailment::Kind> kinds;
        for (const Ailment& one : examine().ailments) {
            CHECK(one.queue == "q");
            INFO(one.text);
            kinds.push_back(one.kind);
        }
        return kinds;
    }

private:
    const tests::TempDir dir_;
    std::unique_ptr<Store> store_;
    core::PutQueueState state_;
    core::TimeMs now_ = 1'000;
};

}  // namespace

TEST_CASE("a healthy store has no ailments") {
    SampleStore store;
    const auto diagnosis = store.examine();
    for (const Ailment& one : diagnosis.ailments) {
        FAIL_CHECK(one.text);
    }
    CHECK(diagnosis.found == 0);
    CHECK(diagnosis.queues == 1);
    CHECK(diagnosis.records >= 7);
    CHECK(diagnosis.commit_seq == 2);  // The first is that of the start.
    CHECK(store.examine("q").queues == 1);
    CHECK(store.examine("q", {}, "").queues == 1);
    CHECK(store.examine("q", {}, "other").queues == 0);
    CHECK(store.examine("", {}, "other").no_namespace);
    CHECK_FALSE(diagnosis.no_namespace);
    CHECK(store.examine("other").queues == 0);
}

TEST_CASE("a counter that says another number than there are records is named") {
    SampleStore store;
    core::PutQueueState state = store.state();
    SECTION("delayed") { state.timed_count = 2; }
    SECTION("prioritized") { state.prioritized_count = 1; }
    SECTION("grouped") { state.grouped_count = 1; }
    SECTION("failed") { state.failed_count = 0; }
    SECTION("completed") { state.completed.messages = 1; }
    SECTION("failed bytes") { state.failed_bytes += 1; }
    SECTION("live bytes") { state.live_bytes += 1; }
    SECTION("ends of names") { state.names.timed = 1; }
    store.commit({state});
    CHECK(store.kinds() == std::vector{Ailment::Kind::counter});
}

TEST_CASE("a message that is in no chunk is named") {
    SampleStore store;
    core::PutQueueState state = store.state();
    SECTION("between chunks") { state.low_page[0] = 0b1010; }
    SECTION("at the end") { state.end = 5; }
    state.bits_set = 3;
    store.commit({state});
    CHECK(store.kinds() == std::vector{Ailment::Kind::message_lost});
}

TEST_CASE("an index by offset that misses a message, or leads nowhere, is named") {
    SampleStore store;
    SECTION("missing") {
        store.commit({core::RemoveLocator{tests::sample_ns, tests::sample_queue, delayed_at}});
        const auto kinds = store.kinds();
        REQUIRE_FALSE(kinds.empty());
        CHECK(kinds.front() == Ailment::Kind::locator);
    }
    SECTION("leading nowhere") {
        store.commit({core::PutLocator{tests::sample_ns, tests::sample_queue, 2, core::Lane::timed, 9, 0, {}}});
        CHECK(store.kinds() == std::vector{Ailment::Kind::locator});
    }
}

TEST_CASE("a lease that holds nothing, or that nobody can have got, is named") {
    SampleStore store;
    core::PutLease lease;
    lease.ns = tests::sample_ns;
    lease.id = tests::sample_queue;
    SECTION("done") {
        lease.batch = 1;
        lease.ranges.push_back({2, 1});
    }
    SECTION("never delivered") {
        lease.batch = 7;
        lease.ranges.push_back({0, 1});
    }
    store.commit({lease});
    CHECK(store.kinds() == std::vector{Ailment::Kind::lease});
}

TEST_CASE("names that the index does not have, or whose message is gone, are named") {
    SampleStore store;
    SECTION("id not in the index") { store.commit({core::RemoveName{tests::sample_ns, SampleStore::id()}}); }
    SECTION("key of another") { store.commit({core::PutName{tests::sample_ns, SampleStore::key(), {1}}}); }
    SECTION("of a message that is gone") {
        store.commit({core::PutName{tests::sample_ns, {tests::sample_queue, core::NameKind::id, "stray"}, {2}}});
    }
    CHECK(store.kinds() == std::vector{Ailment::Kind::name});
}

TEST_CASE("names that a purge has left over are no ailment while they are swept") {
    SampleStore store;
    core::PutQueueState state = store.state();
    state.names.sweeping = true;
    store.commit({core::PutName{tests::sample_ns, {tests::sample_queue, core::NameKind::id, "stray"}, {2}}, state});
    CHECK(store.kinds().empty());
}

TEST_CASE("what is parked behind a message that is gone is named") {
    SampleStore store;
    core::Parked parked;
    parked.holder = 2;
    parked.meta = delayed_record().meta;
    parked.body = tests::make_entries(std::vector<std::string>{"x"});
    store.commit({core::PutParked{tests::sample_ns, tests::sample_queue, "page", parked}});
    CHECK(store.kinds() == std::vector{Ailment::Kind::parked});
}

TEST_CASE("a message taken out of its lane by force is missed everywhere") {
    SampleStore store;
    store.commit({SampleStore::no_delayed()});
    const auto kinds = store.kinds();
    for (const auto kind : {Ailment::Kind::counter, Ailment::Kind::locator, Ailment::Kind::name}) {
        CHECK(std::find(kinds.begin(), kinds.end(), kind) != kinds.end());
    }
}

TEST_CASE("an examination sees one commit, whatever is written meanwhile, and stops when it is told to") {
    SampleStore store;
    bool asked = false;
    for (int i = 0; i < 300; ++i) {
        store.commit({core::PutName{
            tests::sample_ns, {tests::sample_queue, core::NameKind::id, "window " + std::to_string(i)}, {delayed_at}}});
    }
    const auto during = store.examine({}, [&] {
        if (!std::exchange(asked, true)) {
            store.commit({SampleStore::no_delayed()});
        }
        return true;
    });
    CHECK(asked);
    CHECK(during.found == 0);
    CHECK(store.examine().found != 0);
    const auto stopped = store.examine({}, [] { return false; });
    CHECK(stopped.stopped);
    CHECK(stopped.records == 256);
}

TEST_CASE("an examination of large records asks whether to go on by the bytes that it has read") {
    SampleStore store;
    const std::string payload(storage::Examination::slice_bytes, 'x');
    std::vector<core::Mutation> large;
    for (core::Offset offset = 10; offset < 14; ++offset) {
        core::MessageRecord record = failed_record();
        record.offset = offset;
        record.body = tests::make_entries(std::vector<std::string>{payload});
        large.push_back(core::PutLaneRecord{tests::sample_ns, tests::sample_queue, core::Lane::failed, 0, record});
    }
    store.commit(std::move(large));
    int asked = 0;
    store.examine({}, [&] { return ++asked < 100; });
    CHECK(asked == 4);
}
