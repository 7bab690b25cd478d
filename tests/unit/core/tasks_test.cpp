// Background tasks: what a filter means is done, and nothing else is touched; progress, limits, rates, cancel, restart.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

void create_bulk(Broker& broker, QueueSettingsChange settings = {}) {
    settings.max_attempts = 1;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, std::move(settings), false});
    broker.consume("jobs", 0);
}

TaskSpec task_spec(TaskKind kind, JobFilter filter = {}) {
    TaskSpec spec;
    spec.kind = kind;
    spec.queue = "jobs";
    spec.filter = std::make_shared<const JobFilter>(std::move(filter));
    return spec;
}

TaskInfo task_of(Broker& broker, TaskId id) { return *broker.expect<TaskInfoPtr>(ShowTask{id}); }

/// Runs one to its end, at this time.
TaskInfo run_task(Broker& broker, TaskSpec spec) {
    return task_of(broker, broker.expect<TaskInfoPtr>(StartTask{std::move(spec)})->id);
}

void fail_some(Broker& broker, int count, const std::string& error_class) {
    for (int i = 0; i < count; ++i) {
        broker.produce("jobs", {"job"});
        Fail failure;
        failure.error_class = error_class;
        broker.settle_ok(broker.fetch(1).at(0), failure);
    }
}

JobFilter with_error(const std::string& error_class) {
    JobFilter filter;
    filter.error_class = error_class;
    return filter;
}

JobFilter in_state(MessageState state) {
    JobFilter filter;
    filter.states = state_bit(state);
    return filter;
}

}  // namespace

TEST_CASE("a bulk retry puts back what its filter means and nothing else") {
    Broker broker;
    create_bulk(broker);
    fail_some(broker, 300, "net.down");
    fail_some(broker, 5, "http.404");
    const TaskInfo done = run_task(broker, task_spec(TaskKind::retry, with_error("net.*")));
    CHECK(done.progress.state == TaskState::done);
    CHECK(done.progress.matched == 300);
    CHECK(done.progress.done == 300);
    CHECK(done.progress.skipped == 0);
    CHECK(done.progress.ended_at == broker.now());
    CHECK(broker.show("jobs").failed == 5);
    CHECK(broker.show("jobs").waiting == 300);
}

TEST_CASE("a dry run counts and changes nothing") {
    Broker broker;
    create_bulk(broker);
    fail_some(broker, 7, "a");
    TaskSpec spec = task_spec(TaskKind::remove, with_error("a"));
    spec.dry_run = true;
    const TaskInfo counted = run_task(broker, spec);
    CHECK(counted.progress.matched == 7);
    CHECK(counted.progress.done == 0);
    CHECK(broker.show("jobs").failed == 7);
    spec.limit = 3;
    CHECK(run_task(broker, spec).progress.matched == 3);
}

TEST_CASE("a drain takes what waits anywhere, in slices, and leaves what is leased or over") {
    Broker broker;
    create_bulk(broker);
    fail_some(broker, 2, "a");
    EntryOptions later, first, grouped;
    later.delay_ms = 60'000;
    first.priority = 3;
    grouped.group = "g";
    broker.produce("jobs", std::vector<std::string>(600, "plain"));
    broker.produce("jobs", {"later", "later"}, later);
    broker.produce("jobs", {"first"}, first);
    broker.produce("jobs", {"grouped"}, grouped);
    const Delivered held = broker.fetch(1).at(0);
    const TaskInfo done = run_task(broker, task_spec(TaskKind::drain));
    CHECK(done.progress.state == TaskState::done);
    CHECK(done.progress.done == 603);
    const QueueInfo info = broker.show("jobs");
    CHECK(info.waiting + info.delayed == 0);
    CHECK(info.leased == 1);
    CHECK(info.failed == 2);
    broker.ack(held);
}

TEST_CASE("a clean takes only what is old enough, and at most so many") {
    Broker broker;
    create_bulk(broker);
    fail_some(broker, 4, "old");
    broker.advance(10'000);
    fail_some(broker, 4, "new");
    TaskSpec spec = task_spec(TaskKind::clean);
    spec.grace_ms = 10'000;
    spec.limit = 3;
    CHECK(run_task(broker, spec).progress.done == 3);
    CHECK(run_task(broker, spec).progress.done == 1);
    CHECK(run_task(broker, spec).progress.done == 0);
    CHECK(broker.show("jobs").failed == 4);
}

TEST_CASE("what is stored after a task began is left alone") {
    Broker broker;
    create_bulk(broker);
    broker.produce("jobs", std::vector<std::string>(4, "old"));
    TaskSpec spec = task_spec(TaskKind::drain);
    spec.rate = 1;
    const TaskId id = broker.expect<TaskInfoPtr>(StartTask{spec})->id;
    broker.produce("jobs", {"new"});
    CHECK(task_of(broker, id).progress.done == 1);
    broker.advance(1'000);
    CHECK(task_of(broker, id).progress.done == 2);
    broker.advance(10'000);
    CHECK(task_of(broker, id).progress.state == TaskState::done);
    CHECK(broker.show("jobs").waiting == 1);
}

TEST_CASE("a task goes on after a restart, and one that is cancelled does no more") {
    Broker broker;
    create_bulk(broker);
    broker.produce("jobs", std::vector<std::string>(6, "job"));
    TaskSpec spec = task_spec(TaskKind::remove, in_state(MessageState::waiting));
    spec.rate = 2;
    const TaskId first = broker.expect<TaskInfoPtr>(StartTask{spec})->id;
    CHECK(broker.show("jobs").waiting == 4);
    broker.restart();
    broker.connect(2);
    CHECK(broker.show("jobs").waiting == 2);
    CHECK(task_of(broker, first).progress.done == 4);
    const auto cancelled = broker.expect<TaskInfoPtr>(CancelTask{first});
    CHECK(cancelled->progress.state == TaskState::cancelled);
    broker.advance(60'000);
    CHECK(broker.show("jobs").waiting == 2);
    CHECK(broker.refusal(CancelTask{TaskId{77}}) == RefusalCode::task_not_found);
    CHECK(broker.refusal(ShowTask{TaskId{77}}) == RefusalCode::task_not_found);
}

TEST_CASE("delayed messages that a filter means are promoted") {
    Broker broker;
    create_bulk(broker);
    EntryOptions later;
    later.delay_ms = 60'000;
    Produce produce = Broker::batch("jobs", {}, later);
    produce.entries =
        tests::make_entries(std::vector<tests::EntrySpec>{{"1", "mail", {}}, {"2", "sms", {}}, {"3", "mail", {}}});
    produce.largest_entry_bytes = tests::largest_entry_bytes(produce.entries);
    broker.expect<Produced>(produce);
    JobFilter filter;
    filter.name = "ma*";
    CHECK(run_task(broker, task_spec(TaskKind::promote, filter)).progress.done == 2);
    CHECK(broker.show("jobs").waiting == 2);
    CHECK(broker.show("jobs").delayed == 1);
}

TEST_CASE("an obliterate takes the queue, not while messages are leased unless forced") {
    Broker broker;
    create_bulk(broker);
    broker.produce("jobs", {"a", "b"});
    broker.fetch(1);
    CHECK(broker.refusal(StartTask{task_spec(TaskKind::obliterate)}) == RefusalCode::queue_in_use);
    TaskSpec spec = task_spec(TaskKind::obliterate);
    spec.force = true;
    spec.dry_run = true;
    CHECK(run_task(broker, spec).progress.matched == 2);
    spec.dry_run = false;
    const TaskInfo done = run_task(broker, spec);
    CHECK(done.progress.state == TaskState::done);
    CHECK(done.progress.done == 2);
    CHECK(broker.refusal(ShowQueue{"jobs"}) == RefusalCode::queue_not_found);
}

TEST_CASE("a task ends with an error when its queue goes, and tasks are listed by queue") {
    Broker broker;
    create_bulk(broker);
    broker.produce("jobs", {"a", "b", "c"});
    TaskSpec spec = task_spec(TaskKind::drain);
    spec.rate = 1;
    const TaskId id = broker.expect<TaskInfoPtr>(StartTask{spec})->id;
    broker.expect<Done>(DeleteQueue{"jobs"});
    broker.advance(2'000);
    CHECK(task_of(broker, id).progress.state == TaskState::failed);
    CHECK(task_of(broker, id).progress.error == "the queue was deleted");
    CHECK(broker.expect<TaskList>(ListTasks{"jobs", 0, 10}).tasks.size() == 1);
    CHECK(broker.refusal(ListTasks{"other", 0, 10}) == RefusalCode::queue_not_found);
    create_bulk(broker);
    run_task(broker, task_spec(TaskKind::drain));
    const auto page = broker.expect<TaskList>(ListTasks{"", 0, 1});
    CHECK(page.tasks.size() == 1);
    CHECK(page.next == value(id));
    CHECK(broker.expect<TaskList>(ListTasks{"", page.next, 1}).tasks.size() == 1);
}

TEST_CASE("tasks that make no sense are refused with the field") {
    Broker broker;
    create_bulk(broker);
    broker.create("plain");
    TaskSpec plain = task_spec(TaskKind::drain);
    plain.queue = "plain";
    CHECK(broker.refusal(StartTask{plain}) == RefusalCode::wrong_profile);
    plain.queue = "none";
    CHECK(broker.refusal(StartTask{plain}) == RefusalCode::queue_not_found);
    const auto states = broker.expect<Refusal>(StartTask{task_spec(TaskKind::retry, in_state(MessageState::waiting))});
    CHECK(states.field == "start_task.filter.states");
    CHECK(states.message.find("waiting") != std::string::npos);
    CHECK(broker.refusal(StartTask{task_spec(TaskKind::remove, in_state(MessageState::leased))}) ==
          RefusalCode::invalid_argument);
    JobFilter large;
    large.name = std::string(limits::name_bytes_max + 1, 'n');
    CHECK(broker.expect<Refusal>(StartTask{task_spec(TaskKind::drain, large)}).limit == limits::name_bytes_max);
    CHECK(broker.refusal(StartTask{task_spec(TaskKind::obliterate, with_error("a"))}) == RefusalCode::invalid_argument);
}

TEST_CASE("only so many tasks run at once, and only so many ended ones are kept") {
    Broker broker;
    create_bulk(broker);
    broker.produce("jobs", std::vector<std::string>(200, "a"));
    TaskSpec slow = task_spec(TaskKind::drain);
    slow.rate = 1;
    for (std::size_t i = 0; i < limits::tasks_running_max; ++i) {
        broker.expect<TaskInfoPtr>(StartTask{slow});
    }
    const auto refused = broker.expect<Refusal>(StartTask{slow});
    CHECK(refused.code == RefusalCode::too_many_tasks);
    CHECK(refused.limit == limits::tasks_running_max);
    CHECK(refused.retryable);
    broker.advance(60'000);
    CHECK(broker.show("jobs").waiting == 0);
    for (std::size_t i = 0; i < limits::tasks_kept_max; ++i) {
        run_task(broker, task_spec(TaskKind::clean));
    }
    const std::size_t kept = broker.driver().store().tables().tasks.size();
    CHECK(kept >= limits::tasks_kept_max);
    CHECK(kept <= limits::tasks_kept_max + 1);
}
