// Messages named by the ids that their producers gave them, in every request that names messages.
#include "server/core/limits.hpp"
#include "tests/unit/core/broker.hpp"

#include <set>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

constexpr DurationMs hour_ms = 3'600'000;

void create_orders(Broker& broker, Profile profile = Profile::job) {
    QueueSettingsChange settings;
    settings.max_attempts = 1;
    broker.expect<QueueInfo>(CreateQueue{"orders", profile, settings, false});
    broker.consume("orders", 0);
}

void produce_order(Broker& broker, const std::string& id, DurationMs delay_ms = 0) {
    EntryOptions options;
    options.id = id;
    if (delay_ms != 0) {
        options.delay_ms = delay_ms;
    }
    CHECK(broker.produce("orders", {id}, options).count == 1);
}

std::vector<std::string> ids_in(const std::vector<std::pair<std::string, Refusal>>& refused) {
    std::vector<std::string> ids;
    for (const auto& [id, refusal] : refused) {
        ids.push_back(id + ' ' + std::to_string(static_cast<int>(refusal.code)));
        CHECK(refusal.field == "id");
    }
    return ids;
}

WaitJob wait_for(const std::string& id, DurationMs timeout_ms = 60'000) {
    WaitJob wait;
    wait.queue = "orders";
    wait.timeout_ms = timeout_ms;
    wait.id = id;
    return wait;
}

/// The index of names is not in memory any more: requests have to read it.
void forget(Broker& broker) {
    broker.restart();
    broker.connect(2);
    broker.consume("orders", 0);
}

}  // namespace

TEST_CASE("jobs are shown, changed, promoted and removed by their own ids in a queue of any profile") {
    Broker broker;
    create_orders(broker, Profile::message);
    produce_order(broker, "a", 5'000);
    produce_order(broker, "b", 5'000);
    forget(broker);
    CHECK(broker.expect<MessageList>(ShowJob{"orders", 0, "b"}).messages.front().offset == 1);
    ChangeJob change;
    change.queue = "orders";
    change.id = "b";
    change.delay_ms = 9'000;
    broker.expect<Done>(change);
    broker.expect<Done>(PromoteJob{"orders", 0, "a"});
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"a"});
    CHECK(broker.refusal(ShowJob{"orders", 0, "c"}) == RefusalCode::message_not_found);
    RemoveJobs remove;
    remove.queue = "orders";
    remove.own.ids = {"b", "c", "a"};
    const auto removed = broker.expect<JobsRemoved>(remove);
    CHECK(removed.removed == 1);
    CHECK(removed.refused.empty());
    CHECK(ids_in(removed.refused_ids) == std::vector<std::string>{"c 204", "a 230"});
}

TEST_CASE("a refusal of a message that is named by its id is about the id") {
    Broker broker;
    create_orders(broker);
    produce_order(broker, "a");
    broker.fetch(1);
    ChangeJob change;
    change.queue = "orders";
    change.id = "a";
    change.priority = 3;
    CHECK(broker.expect<Refusal>(change).field == "id");
    change.id = "";
    CHECK(broker.expect<Refusal>(change).field == "offset");
    CHECK(broker.expect<Refusal>(PromoteJob{"orders", 0, "a"}).field == "id");
    CHECK(broker.expect<Refusal>(PromoteJob{"orders", 0, ""}).field == "offset");
    CHECK(broker.expect<Refusal>(ShowJob{"orders", 0, "b"}).field == "id");
}

TEST_CASE("an id of a completed message that is not kept names nothing") {
    Broker broker;
    create_orders(broker);
    produce_order(broker, "a");
    broker.ack(broker.fetch(1).front());
    RemoveJobs remove;
    remove.queue = "orders";
    remove.own.ids = {"a"};
    CHECK(broker.expect<JobsRemoved>(remove).removed == 1);
    const Refusal gone = broker.expect<Refusal>(ShowJob{"orders", 0, "a"});
    CHECK(gone.code == RefusalCode::message_not_found);
    CHECK(gone.field == "id");
    CHECK(ids_in(broker.expect<JobsRemoved>(remove).refused_ids) == std::vector<std::string>{"a 204"});
    CHECK(broker.expect<JobEnded>(wait_for("a")).outcome == JobOutcome::gone);
}

TEST_CASE("jobs are cancelled by their own ids, held ones too") {
    Broker broker;
    create_orders(broker);
    produce_order(broker, "held");
    const Delivered held = broker.fetch(1).front();
    produce_order(broker, "late", hour_ms);
    produce_order(broker, "done");
    broker.ack(broker.fetch(1).front());
    const bool restarted = GENERATE(false, true);
    if (restarted) {
        forget(broker);
    }
    CancelJobs cancel;
    cancel.queue = "orders";
    cancel.offsets = {77};
    cancel.own.ids = {"late", "none", "held", "done"};
    const auto done = broker.expect<JobsCancelled>(cancel);
    CHECK(done.cancelled.size() + done.cancelling.size() == 2);
    REQUIRE(done.refused.size() == 1);
    CHECK(done.refused.front().first == 77);
    CHECK(ids_in(done.refused_ids) == std::vector<std::string>{"none 204", "done 230"});
    if (!restarted) {
        broker.settle_ok(held, Release{});
    }
    broker.advance(5'000);
    CHECK(broker.refusal(ShowJob{"orders", 0, "held"}) == RefusalCode::message_not_found);
    CHECK(broker.fetch_payloads().empty());
}

TEST_CASE("a cancel names 1 to 1,000 messages, by offsets and ids together") {
    Broker broker;
    create_orders(broker);
    CancelJobs cancel;
    cancel.queue = "orders";
    CHECK(broker.expect<Refusal>(cancel).field == "cancel_jobs.offsets");
    cancel.offsets.assign(500, 0);
    cancel.own.ids.assign(501, "a");
    CHECK(broker.expect<Refusal>(cancel).limit == limits::jobs_per_request_max);
    cancel.own.ids.pop_back();
    const auto done = broker.expect<JobsCancelled>(cancel);
    CHECK(done.refused.size() == 500);
    CHECK(done.refused_ids.size() == 500);
}

TEST_CASE("failed and completed jobs are put back by their own ids; what nobody has is skipped") {
    Broker broker;
    create_orders(broker);
    for (const char* id : {"fails", "works", "stays"}) {
        produce_order(broker, id);
    }
    const auto held = broker.fetch(3);
    broker.fail(held[0]);
    broker.ack(held[1]);
    broker.fail(held[2]);
    if (GENERATE(false, true)) {
        forget(broker);
    }
    RetryFailed retry;
    retry.queue = "orders";
    retry.own.ids = {"none"};
    CHECK(broker.expect<Counted>(retry).messages == 0);
    CHECK(broker.expect<Counted>(retry).skipped == 1);
    CHECK(broker.show("orders").failed == 2);
    retry.own.ids = {"works", "none", "fails"};
    const Counted counted = broker.expect<Counted>(retry);
    CHECK(counted.messages == 2);
    CHECK(counted.skipped == 1);
    CHECK(broker.fetch_payloads() == std::vector<std::string>{"fails", "works"});
    CHECK(broker.show("orders").failed == 1);
}

TEST_CASE("the end of a job is waited for by its own id, and told with its offset") {
    Broker broker;
    create_orders(broker);
    broker.produce("orders", {"before"});
    produce_order(broker, "a");
    if (GENERATE(false, true)) {
        forget(broker);
        broker.advance(5'000);
    }
    const std::uint64_t waiting = broker.tell(wait_for("a"));
    CHECK(broker.reply_to(waiting) == nullptr);
    for (const Delivered& one : broker.fetch(2)) {
        broker.ack(one);
    }
    CHECK(broker.answered<JobEnded>(waiting).outcome == JobOutcome::completed);
    CHECK(broker.answered<JobEnded>(waiting).offset == 1);
    const auto again = broker.expect<JobEnded>(wait_for("a"));
    CHECK(again.outcome == JobOutcome::completed);
    CHECK(again.offset == 1);
    CHECK(broker.expect<Refusal>(wait_for("none")).code == RefusalCode::message_not_found);
    CHECK(broker.expect<Refusal>(wait_for("none")).field == "id");
    produce_order(broker, "b");
    const auto timed_out = broker.expect<JobEnded>(wait_for("b", 0));
    CHECK(timed_out.outcome == JobOutcome::timeout);
    CHECK(timed_out.offset == 2);
}

TEST_CASE("the log of a job is read by its own id") {
    Broker broker;
    create_orders(broker);
    broker.produce("orders", {"before"});
    produce_order(broker, "a");
    const Delivered job = broker.fetch(2).at(1);
    broker.expect<LogBounds>(AppendLog{job.token, job.offset, {"one", "two"}});
    ListLog list;
    list.queue = "orders";
    list.id = "a";
    CHECK(broker.expect<LogPage>(list).lines.size() == 2);
    forget(broker);
    CHECK(broker.expect<LogPage>(list).lines.size() == 2);
    list.id = "b";
    CHECK(broker.expect<Refusal>(list).field == "id");
    list.id = "";
    CHECK(broker.expect<LogPage>(list).lines.empty());
}

TEST_CASE("a filter means messages by the beginning of their own ids, in every state") {
    Broker broker;
    create_orders(broker);
    for (const char* id : {"eu-done", "eu-failed", "us-held", "eu-held"}) {
        produce_order(broker, id);
    }
    const auto held = broker.fetch(4);
    broker.ack(held[0]);
    broker.fail(held[1]);
    produce_order(broker, "eu-late", hour_ms);
    produce_order(broker, "eu-waits");
    produce_order(broker, "us-waits");
    broker.produce("orders", {"without"});
    const auto listed = [&](const std::string& prefix) {
        auto filter = std::make_shared<JobFilter>();
        filter->id_prefix = prefix;
        ListJobs list;
        list.queue = "orders";
        list.filter = filter;
        list.limit = 100;
        std::set<Offset> offsets;
        for (const StoredMessage& one : broker.expect<MessageList>(list).messages) {
            offsets.insert(one.offset);
        }
        return offsets;
    };
    CHECK(listed("eu-") == std::set<Offset>{0, 1, 3, 4, 5});
    CHECK(listed("us-w") == std::set<Offset>{6});
    CHECK(listed("eu-late") == std::set<Offset>{4});
    CHECK(listed("u-").empty());
    CHECK(listed("1-").size() == 8);

    StartTask start;
    auto filter = std::make_shared<JobFilter>();
    filter->id_prefix = "eu-";
    start.spec.kind = TaskKind::remove;
    start.spec.queue = "orders";
    start.spec.filter = filter;
    broker.expect<TaskInfoPtr>(start);
    broker.advance(1'000);
    CHECK(listed("eu-") == std::set<Offset>{3});
    CHECK(listed("").size() == 4);
}
