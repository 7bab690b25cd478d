// Background tasks as they are stored.
#include "storage/task_codec.hpp"

#include "server/core/request.hpp"
#include "storage/damage.hpp"
#include "storage/record_codec.hpp"
#include "storage/task_keys.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace baton;

namespace {

core::PutTask stored_task() {
    core::TaskSpec spec;
    spec.kind = core::TaskKind::retry;
    spec.queue = "jobs";
    auto filter = std::make_shared<core::JobFilter>();
    filter->states = 16;
    filter->name = "mail";
    filter->error_class = "net.*";
    filter->id_prefix = "3-";
    filter->stored_from = 1;
    filter->stored_before = 2;
    filter->ended_from = 3;
    filter->ended_before = 4;
    filter->headers = {{"k", std::string("v\0w", 3)}};
    filter->below = 99;
    spec.filter = filter;
    spec.grace_ms = 5;
    spec.limit = 6;
    spec.rate = 7;
    spec.dry_run = spec.keep_counters = spec.force = true;
    core::PutTask task{
        core::NamespaceId{2}, core::TaskId{8}, core::QueueId{9}, 10, std::make_shared<const core::TaskSpec>(spec), {}};
    task.progress.state = core::TaskState::failed;
    task.progress.scanned = 11;
    task.progress.matched = 12;
    task.progress.done = 13;
    task.progress.skipped = 14;
    task.progress.ended_at = 15;
    task.progress.error = "why";
    task.progress.from_state = core::MessageState::failed;
    task.progress.from_at = -16;
    task.progress.from_offset = 17;
    task.progress.from_rank = -18;
    task.progress.from_group = {19, 20};
    task.progress.pass_done = 21;
    task.progress.passes = 22;
    return task;
}

}  // namespace

TEST_CASE("a task is stored whole") {
    const core::PutTask task = stored_task();
    const auto key = storage::parse_key(storage::task_key(task.ns, task.id).view());
    REQUIRE(key);
    CHECK(key->kind == storage::KeyKind::task);
    CHECK(storage::describe_key(storage::task_key(task.ns, task.id).view()) == "task 8 in namespace 2");
    const auto record = storage::decode_record(*key, storage::encode(task));
    REQUIRE(record);
    const auto& read = std::get<core::PutTask>(*record);
    CHECK(read.ns == task.ns);
    CHECK(read.id == task.id);
    CHECK(read.queue == task.queue);
    CHECK(read.created_at == 10);
    CHECK(read.spec->kind == core::TaskKind::retry);
    CHECK(read.spec->queue == "jobs");
    CHECK(*read.spec->filter == *task.spec->filter);
    CHECK(read.spec->grace_ms == 5);
    CHECK(read.spec->limit == 6);
    CHECK(read.spec->rate == 7);
    CHECK((read.spec->dry_run && read.spec->keep_counters && read.spec->force));
    CHECK(read.progress.state == core::TaskState::failed);
    CHECK(read.progress.scanned == 11);
    CHECK(read.progress.matched == 12);
    CHECK(read.progress.done == 13);
    CHECK(read.progress.skipped == 14);
    CHECK(read.progress.ended_at == 15);
    CHECK(read.progress.error == "why");
    CHECK(read.progress.from_state == core::MessageState::failed);
    CHECK(read.progress.from_at == -16);
    CHECK(read.progress.from_offset == 17);
    CHECK(read.progress.from_rank == -18);
    CHECK(read.progress.from_group == core::GroupId{19, 20});
    CHECK(read.progress.pass_done == 21);
    CHECK(read.progress.passes == 22);
}

TEST_CASE("a task under the key of another is damage") {
    const std::string value = storage::encode(stored_task());
    const auto other = storage::parse_key(storage::task_key(core::NamespaceId{2}, core::TaskId{9}).view());
    CHECK_THROWS_AS(storage::decode_record(*other, value), storage::Damage);
}
