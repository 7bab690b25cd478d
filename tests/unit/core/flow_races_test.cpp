// Flows while their records are being read: what is asked, told and purged in between.
#include "server/core/limits.hpp"
#include "tests/unit/core/flow_builder.hpp"

#include <utility>

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
using tests::wait_children;

namespace {

/// Requests whose answers are looked at later; number 900 and on.
class Races {
public:
    explicit Races(Broker& broker) : broker_(broker) {}

    /// Into the round that is being built.
    std::uint64_t begin(RequestBody body) {
        Request request;
        request.connection = ConnectionId{1};
        request.id = RequestId{next_};
        request.body = std::move(body);
        broker_.driver().apply(std::move(request));
        return next_++;
    }
    /// The round is committed; its reads are asked for and not answered.
    void commit() {
        broker_.driver().tick();
        broker_.driver().seal();
        broker_.driver().finish_commit();
    }
    /// Until nothing is left to do.
    void rest() { broker_.advance(0); }
    /// What the pending reads find now is what they will be answered with.
    void fetch_reads() {
        for (std::size_t i = 0; i < broker_.driver().reads(); ++i) {
            broker_.driver().fetch_read(i);
        }
    }

private:
    Broker& broker_;
    std::uint64_t next_ = 900'000;
};

AddFlow children_by_name(const std::string& queue, Offset offset) {
    AddFlow add{{flow_node("pages")}};
    add.parent = FlowParent{queue, offset, std::nullopt, FailurePolicy::inherit};
    return add;
}

ShowFlow show_of_report() {
    ShowFlow show;
    show.queue = "reports";
    show.width = 10;
    return show;
}

CoreOptions no_memory() {
    CoreOptions options;
    options.flows_in_memory_max = 0;
    return options;
}

}  // namespace

TEST_CASE("children are stored where their parent thinks, also when a parent is dead-lettered in between") {
    Broker broker;
    create_jobs(broker, {"dead", "pages"});
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    broker.expect<QueueInfo>(CreateQueue{"reports", Profile::job, settings, false});
    broker.consume("reports", 0, 3);
    add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
    const Delivered page = broker.fetch(1, 2).at(0);
    broker.produce("pages", {"job"});
    const Delivered job = broker.fetch(1, 2).at(0);
    Races races(broker);
    Fail failure;
    failure.terminal = true;
    races.begin(Broker::settle_of(page, failure));
    const std::uint64_t id = races.begin(children_for(job, {flow_node("dead"), flow_node("dead", {0})}));
    races.rest();
    CHECK(broker.show("dead").waiting + broker.show("dead").waiting_children == 3);
    const auto* reply = broker.reply_to(id);
    REQUIRE(reply != nullptr);
    const auto added = std::get<FlowAdded>(*reply);
    CHECK(added.messages[0].second == 1);
    CHECK(broker.peek("dead", MessageState::waiting_children).messages.at(0).offset == added.messages[0].second);
    CHECK(broker.driver().restored_copy()->durable_digest() == broker.driver().core().durable_digest());
    for (const Delivered& one : broker.fetch(5, 1)) {
        broker.ack(one);
    }
    for (const Delivered& one : broker.fetch(5, 1)) {
        broker.ack(one);
    }
    CHECK(wait_children(broker, job) == ChildrenAwaited::Verdict::go_on);
}

TEST_CASE("a flow that begins while somebody looks for it keeps all its children") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.produce("reports", {"report"});
    Races races(broker);
    const std::uint64_t by_name = races.begin(children_by_name("reports", 0));
    races.begin(show_of_report());
    races.commit();
    races.fetch_reads();
    races.begin(broker.fetch_of(1, 0, 1));
    races.commit();
    Token token{};
    for (tests::Released& released : broker.driver().take_released()) {
        if (const auto* frame = std::get_if<Deliver>(&released.effect)) {
            token = frame->token;
        }
    }
    Delivered job;
    job.token = token;
    job.offset = 0;
    const std::uint64_t by_token = races.begin(children_for(job, {flow_node("pages")}));
    races.commit();
    races.rest();
    REQUIRE(broker.reply_to(by_token) != nullptr);
    CHECK(std::holds_alternative<FlowAdded>(*broker.reply_to(by_token)));
    REQUIRE(broker.reply_to(by_name) != nullptr);
    INFO(tests::to_text(*broker.reply_to(by_name)));
    const FlowView flow = flow_of(broker, "reports", 0);
    CHECK(flow.head.children == broker.show("pages").waiting);
    CHECK(wait_children(broker, job) == ChildrenAwaited::Verdict::waits);
    for (const Delivered& page : broker.fetch(5, 2)) {
        broker.ack(page);
    }
    CHECK(broker.fetch(1, 1).size() == 1);
}

TEST_CASE("a parent is retried while its flow is being read for something else") {
    Broker broker(no_memory());
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
    fail_for_good(broker, broker.fetch(1, 2).at(0));
    Races races(broker);
    races.begin(RetryFailed{"pages", {0}});
    const std::uint64_t retry = races.begin(RetryFailed{"reports", {0}});
    races.begin(show_of_report());
    races.commit();
    races.fetch_reads();
    races.rest();
    REQUIRE(broker.reply_to(retry) != nullptr);
    CHECK(std::get<Counted>(*broker.reply_to(retry)).messages == 1);
    CHECK(broker.show("reports").failed == 0);
    for (const Delivered& page : broker.fetch(5, 2)) {
        broker.ack(page);
    }
    CHECK(broker.show("reports").waiting_children == 0);
    CHECK(broker.fetch(1, 1).size() == 1);
}

TEST_CASE("a parent that is purged while its flow is being read stays gone") {
    Broker broker(no_memory());
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
    const Delivered page = broker.fetch(1, 2).at(0);
    Races races(broker);
    races.begin(show_of_report());
    races.commit();
    races.fetch_reads();
    races.begin(PurgeQueue{"reports"});
    races.begin(Broker::settle_of(page, Ack{}));
    races.commit();
    races.rest();
    const QueueInfo info = broker.show("reports");
    CHECK(info.waiting == 0);
    CHECK(info.waiting_children == 0);
    CHECK(broker.fetch(1, 1).empty());
    CHECK(broker.driver().restored_copy()->durable_digest() == broker.driver().core().durable_digest());
}

TEST_CASE("a parent that is retried and purged in one round stays gone") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
    fail_for_good(broker, broker.fetch(1, 2).at(0));
    Races races(broker);
    races.begin(RetryFailed{"pages", {0}});
    races.begin(RetryFailed{"reports", {0}});
    races.commit();
    broker.driver().answer_read(0);
    broker.driver().answer_read(0);
    races.begin(PurgeQueue{"reports"});
    races.commit();
    races.rest();
    const QueueInfo info = broker.show("reports");
    CHECK(info.waiting + info.waiting_children == 0);
    for (const Delivered& one : broker.fetch(5, 2)) {
        broker.ack(one);
    }
    CHECK(broker.fetch(1, 1).empty());
    CHECK(broker.driver().restored_copy()->durable_digest() == broker.driver().core().durable_digest());
}

TEST_CASE("a released parent that waits to run is not taken for leased") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {flow_node("reports"), flow_node("pages", {0})});
    broker.ack(broker.fetch(1, 2).at(0));
    CHECK(broker.show("reports").waiting == 1);
    CHECK(tests::act_on_flow(broker, ActOnFlow::Action::remove, "reports", 0).done == 2);
}

TEST_CASE("a walk over a flow waits for a queue that is busy, and few go on at a time") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    std::vector<FlowNode> nodes{flow_node("reports")};
    nodes.resize(301, flow_node("pages", {0}, FailurePolicy::wait));
    add_flow(broker, nodes);
    for (const Delivered& page : broker.fetch(300, 2)) {
        fail_for_good(broker, page);
    }
    Races races(broker);
    races.begin(RetryFailed{"pages", {}});
    ActOnFlow retry;
    retry.action = ActOnFlow::Action::retry;
    retry.queue = "reports";
    const std::uint64_t walk = races.begin(retry);
    races.commit();
    broker.advance(1'000);
    CHECK(broker.show("pages").waiting == 300);
    REQUIRE(broker.reply_to(walk) != nullptr);
    CHECK(std::holds_alternative<FlowActed>(*broker.reply_to(walk)));

    std::vector<std::uint64_t> many;
    for (std::uint32_t i = 0; i <= limits::flow_walks_max; ++i) {
        many.push_back(races.begin(retry));
    }
    broker.advance(1'000);
    CHECK(std::get<Refusal>(*broker.reply_to(many.back())).code == RefusalCode::busy);
    CHECK(std::holds_alternative<FlowActed>(*broker.reply_to(many.front())));
    CHECK(tests::act_on_flow(broker, ActOnFlow::Action::retry, "reports", 0).done == 0);
}
