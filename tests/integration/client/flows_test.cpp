// Flows with the real daemon: over several queues, over a kill, with workers that read what the children returned.
#include "baton/flows.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <string>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

Message text(const std::string& payload) {
    Message message;
    message.payload = payload;
    return message;
}

void create_job_queues(Admin& admin) {
    for (const char* queue : {"reports", "pages"}) {
        admin.create_queue(queue, {.profile = Profile::job, .settings = {}});
    }
}

}  // namespace

TEST_CASE("a parent runs with what its children returned, over a kill between them") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    create_job_queues(admin);
    Flow flow;
    const Flow::Job report = flow.add("reports", text("report"));
    for (int i = 1; i <= 3; ++i) {
        flow.add("pages", text(std::to_string(i)), {report});
    }
    Flows flows(client);
    const std::vector<AddedJob> jobs = flows.add(flow);
    REQUIRE(jobs.size() == 4);
    CHECK(admin.show_queue("reports").waiting_children == 1);
    CHECK(admin.show_job("reports", jobs[0].id.offset).state == MessageState::waiting_children);
    const StoredMessage page = admin.show_job("pages", jobs[1].id.offset);
    CHECK(page.parents == std::vector<MessageId>{jobs[0].id});
    CHECK_FALSE(page.has_children);
    daemon.kill();
    daemon.start();
    Worker pages(client, "pages", [](Job& job) { return "page " + std::string(job.payload()); });
    Worker reports(client, "reports", [&](Job& job) {
        std::string all;
        for (const FlowChild& child : flows.all_children("reports", job.id().offset)) {
            all += child.result ? child.result->value + "; " : "none; ";
        }
        return (job.message().has_children() ? "with children: " : "alone: ") + all;
    });
    const JobEnd end = admin.wait_job("reports", jobs[0].id.offset, 20s);
    CHECK(end.outcome == JobOutcome::completed);
    REQUIRE(end.result);
    CHECK(end.result->value == "with children: page 1; page 2; page 3; ");
    const FlowInfo info = flows.show("reports", jobs[0].id.offset);
    REQUIRE(info.flows.size() == 1);
    CHECK(info.flows[0].state == FlowState::released);
    CHECK(info.flows[0].completed == 3);
    CHECK(info.flows[0].children.size() == 3);
}

TEST_CASE("a child that fails for good fails its parent at once, or is passed over") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    create_job_queues(admin);
    Flows flows(client);
    Flow flow;
    const Flow::Job strict = flow.add("reports", text("strict"));
    const Flow::Job easy = flow.add("reports", text("easy"), {}, {.children_on_failure = FailurePolicy::ignore});
    flow.add("pages", text("bad"), {strict, easy});
    const std::vector<AddedJob> jobs = flows.add(flow);
    Worker pages(client, "pages", [](Job&) { return Outcome::permanent("torn"); });
    const JobEnd end = admin.wait_job("reports", jobs[0].id.offset, 20s);
    CHECK(end.outcome == JobOutcome::failed);
    CHECK(end.text == "child 0 of pages failed: torn");
    const ChildPage ignored = flows.children("reports", jobs[1].id.offset, {.states = {ChildState::ignored}});
    REQUIRE(ignored.children.size() == 1);
    CHECK(ignored.children[0].error == "failed: torn");
    CHECK(ignored.children[0].policy == FailurePolicy::ignore);
    CHECK(admin.show_queue("reports").waiting == 1);
}

TEST_CASE("a flow that cannot be is refused by name, and nothing of it is stored") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    create_job_queues(admin);
    Flows flows(client);
    Flow cycle;
    cycle.add("reports", text("a"), {1});
    cycle.add("reports", text("b"), {0});
    const auto code_of = [&](auto&& call) {
        try {
            call();
        } catch (const Exception& fault) {
            return fault.error().code;
        }
        return ErrorCode::ok;
    };
    CHECK(code_of([&] { flows.add(cycle); }) == ErrorCode::flow_cycle);
    CHECK(code_of([&] { flows.show("reports", 0); }) == ErrorCode::flow_not_found);
    CHECK(admin.show_queue("reports").produced_total == 0);
}

TEST_CASE("a running job adds children, waits for them, and goes on with what they returned") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    create_job_queues(admin);
    Flows flows(client);
    Producer producer(client, "reports");
    const MessageId report = producer.produce(text("2")).id;
    std::atomic<int> runs = 0;
    std::promise<void> waits;
    Worker reports(client, "reports", [&](Job& job) -> std::string {
        ++runs;
        if (!job.message().has_children()) {
            Flow parts;
            for (const char* page : {"1", "2"}) {
                parts.add("pages", text(page));
            }
            flows.add_children(job.received(), parts);
        }
        if (job.wait_for_children() != ChildrenWait::go_on) {
            waits.set_value();
            return "not kept";
        }
        std::string all;
        for (const FlowChild& child : flows.all_children("reports", job.id().offset)) {
            all += child.result->value + ";";
        }
        return all;
    });
    REQUIRE(waits.get_future().wait_for(20s) == std::future_status::ready);
    daemon.kill();
    daemon.start();
    Worker pages(client, "pages", [](Job& job) { return "page " + std::string(job.payload()); });
    const JobEnd end = admin.wait_job("reports", report.offset, 20s);
    CHECK(end.outcome == JobOutcome::completed);
    REQUIRE(end.result);
    CHECK(end.result->value == "page 1;page 2;");
    CHECK(runs == 2);
}

TEST_CASE("a job whose children are not over cannot be acked, and a failed flow is put back whole") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    create_job_queues(admin);
    Flows flows(client);
    Producer producer(client, "reports");
    const MessageId report = producer.produce(text("r")).id;
    Consumer reports(client, "reports", {.credit_messages = 0});
    const Received held(reports.fetch(1, 5s));
    Flow part;
    part.add("pages", text("1"));
    flows.add_children(held, part);
    std::promise<SettleReport> told;
    held.ack([&](const Result<SettleReport>& said) { told.set_value(said.value()); });
    const SettleReport said = told.get_future().get();
    REQUIRE(said.refusals.size() == 1);
    CHECK(said.refusals[0].code == ErrorCode::children_pending);

    Consumer pages(client, "pages", {.credit_messages = 0});
    std::promise<void> failed;
    Received(pages.fetch(1, 5s)).fail({.reason = "torn", .terminal = true}, [&](const Result<SettleReport>&) {
        failed.set_value();
    });
    REQUIRE(failed.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(flows.show("reports", report.offset).flows[0].state == FlowState::open);
    CHECK(flows.retry("reports", report.offset).done == 1);
    CHECK(admin.show_queue("pages").failed == 0);
    flows.detach("pages", 0);
    CHECK(flows.show("reports", report.offset).flows[0].removed == 1);
    CHECK_THROWS_AS(flows.detach("reports", report.offset), Exception);
    CHECK(flows.cancel("reports", report.offset, 0ms).done >= 1);
}

TEST_CASE("a flow with ids is stored once, and a job that is there is waited for by another flow too") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    create_job_queues(admin);
    Flows flows(client);
    const auto named = [](const std::string& id) { return Message{.payload = id, .options = {.id = id}}; };
    Flow march;
    march.add("pages", named("cover"), {march.add("reports", named("march"))});
    const std::vector<AddedJob> first = flows.add(march);
    const std::vector<AddedJob> again = flows.add(march);
    REQUIRE(again.size() == 2);
    CHECK(again[0].kind == AddedJob::Kind::duplicate);
    CHECK(again[0].id == first[0].id);
    CHECK(again[0].state == MessageState::waiting_children);
    CHECK(again[1].kind == AddedJob::Kind::left_out);

    Flow april;
    april.add("pages", named("cover"), {april.add("reports", named("april"))});
    const std::vector<AddedJob> other = flows.add(april);
    CHECK(other[0].kind == AddedJob::Kind::created);
    CHECK(other[1].kind == AddedJob::Kind::duplicate);
    CHECK(admin.show_job("pages", first[1].id.offset).parents == std::vector<MessageId>{first[0].id, other[0].id});
    Worker pages(client, "pages", [](Job&) { return "done"; });
    Worker reports(client, "reports", [](Job&) {});
    CHECK(admin.wait_job("reports", other[0].id.offset, 20s).outcome == JobOutcome::completed);
    CHECK(admin.show_queue("pages").produced_total == 1);
}
