// Nodes of a flow whose ids are taken: the message that has the id stands for the node and all that is below it.
#include "tests/unit/core/flow_builder.hpp"

#include <functional>

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

namespace {

using Kind = NodeOutcome::Kind;

EntryOptions id_of(const std::string& id) {
    EntryOptions options;
    options.id = id;
    return options;
}

FlowNode named(const std::string& queue, const std::string& id, std::vector<std::uint32_t> parents = {}) {
    return flow_node(queue, std::move(parents), FailurePolicy::inherit, id_of(id));
}

/// What a message that has the id "page" may be when a flow asks for it, and what it is for its parent then.
struct Holder {
    const char* name;
    std::function<void(Broker&)> make;
    MessageState state{};
    ChildState child = ChildState::pending;
};

std::vector<Holder> holders() {
    const auto with = [](auto change) {
        return [change](Broker& broker) {
            EntryOptions options = id_of("page");
            change(options);
            broker.produce("pages", {"p"}, options);
        };
    };
    const auto plain = with([](EntryOptions&) {});
    return {
        {"waiting", plain, MessageState::waiting},
        {"prioritized", with([](EntryOptions& options) { options.priority = 7; }), MessageState::prioritized},
        {"delayed", with([](EntryOptions& options) { options.delay_ms = 10'000; }), MessageState::delayed},
        {"grouped", with([](EntryOptions& options) { options.group = "g"; }), MessageState::grouped},
        {"leased",
         [plain](Broker& broker) {
             plain(broker);
             broker.fetch(1, 2);
         },
         MessageState::leased},
        {"waiting for children",
         [](Broker& broker) {
             add_flow(broker, {named("pages", "page"), flow_node("lines", {0})});
         },
         MessageState::waiting_children},
        {"completed",
         [plain](Broker& broker) {
             plain(broker);
             broker.settle_ok(broker.fetch(1, 2).at(0), result_of("seven"));
         },
         MessageState::completed, ChildState::completed},
        {"remembered",
         [plain](Broker& broker) {
             plain(broker);
             broker.ack(broker.fetch(1, 2).at(0));
             RemoveJobs remove;
             remove.queue = "pages";
             remove.offsets = {0};
             broker.expect<JobsRemoved>(remove);
         },
         MessageState{}, ChildState::removed},
    };
}

/// Everything that is to be done is done, until the parent runs.
void work_off(Broker& broker) {
    broker.advance(20'000);
    for (int i = 0; i < 3; ++i) {
        for (const std::uint64_t consumer : {3, 2}) {
            for (const Delivered& one : broker.fetch(10, consumer)) {
                broker.settle_ok(one, result_of("of " + one.payload));
            }
        }
    }
}

}  // namespace

TEST_CASE("a message that has the id of a node becomes the child in its place, wherever it stands") {
    CoreOptions small;
    small.flows_in_memory_max = 0;
    for (const CoreOptions& options : {CoreOptions{}, small}) {
        for (const Holder& holder : holders()) {
            for (const bool restart : {false, true}) {
                INFO(holder.name << (restart ? " over a restart" : ""));
                Broker broker(options);
                QueueSettingsChange settings;
                settings.max_attempts = 3;
                create_jobs(broker, {"reports", "pages", "lines"}, settings);
                holder.make(broker);
                const auto before = broker.show("pages").totals.produced;
                const FlowAdded added = add_flow(broker, {flow_node("reports"), named("pages", "page", {0})});
                CHECK(broker.show("pages").totals.produced == before);
                REQUIRE(added.outcomes.size() == 1);
                CHECK(added.outcomes[0] == NodeOutcome{1, Kind::duplicate, holder.state});
                CHECK(added.messages[1].second == 0);
                if (restart) {
                    broker.restart();
                    broker.connect(5);
                    for (std::uint64_t i = 1; i <= 3; ++i) {
                        const char* names[] = {"reports", "pages", "lines"};
                        broker.consume(names[i - 1], 0, i);
                    }
                    broker.advance(60'000);  // What was leased before is free.
                }
                const bool over = holder.child != ChildState::pending;
                CHECK(broker.show("reports").waiting_children == (over ? 0 : 1));
                if (holder.state == MessageState::leased && !restart) {
                    // The token that holds it still does.
                    broker.advance(60'000);
                }
                work_off(broker);
                const ChildList children = children_of(broker, "reports", 0);
                REQUIRE(children.children.size() == 1);
                CHECK(children.children[0].child.state == (over ? holder.child : ChildState::completed));
                CHECK(broker.fetch(1, 1).size() == 1);
            }
        }
    }
}

TEST_CASE("what a completed job returned is there for the flow that asks for it later") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.produce("pages", {"p"}, id_of("page"));
    broker.settle_ok(broker.fetch(1, 2).at(0), result_of("seven"));
    add_flow(broker, {flow_node("reports"), named("pages", "page", {0})});
    const ChildList children = children_of(broker, "reports", 0);
    REQUIRE(children.children.at(0).child.result);
    CHECK(children.children[0].child.result->value == "seven");
}

TEST_CASE("the holder of a message that becomes a child settles it as before") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.produce("pages", {"p"}, id_of("page"));
    const Delivered held = broker.fetch(1, 2).at(0);
    add_flow(broker, {flow_node("reports"), named("pages", "page", {0})});
    broker.settle_ok(held, result_of("seven"));
    CHECK(broker.show("reports").waiting == 1);
    CHECK(children_of(broker, "reports", 0).children.at(0).child.result->value == "seven");
}

TEST_CASE("a flow that is added again is stored once; what only it would wait for is left out") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    const std::vector<FlowNode> nodes{named("reports", "march"), named("pages", "cover", {0}), flow_node("pages", {0}),
                                      named("reports", "april"), named("pages", "index", {3, 0})};
    std::vector<FlowNode> march(nodes.begin(), nodes.begin() + 3);
    const FlowAdded first = add_flow(broker, march);
    CHECK(first.outcomes.empty());
    const FlowAdded again = add_flow(broker, march);
    CHECK(again.outcomes == std::vector<NodeOutcome>{{0, Kind::duplicate, MessageState::waiting_children},
                                                     {1, Kind::left_out, {}},
                                                     {2, Kind::left_out, {}}});
    CHECK(again.messages[0] == first.messages[0]);
    CHECK(broker.show("pages").totals.produced == 2);
    // What another one waits for too is stored, and waited for by that one alone.
    const FlowAdded both = add_flow(broker, nodes);
    CHECK(both.outcomes.size() == 3);
    CHECK(broker.show("pages").totals.produced == 3);
    CHECK(flow_of(broker, "reports", 0).head.children == 2);
    CHECK(flow_of(broker, "reports", both.messages[3].second).head.children == 1);
}

TEST_CASE("an answer that was lost is the same again, with what stood for others") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.produce("pages", {"p"}, id_of("b"));
    AddFlow add{{flow_node("reports"), named("pages", "a", {0}), named("pages", "b", {0}), named("pages", "c", {0})}};
    add.producer = 77;
    add.producer_created_at = broker.now();
    add.sequences = {{"reports", 1, 0}, {"pages", 1, 0}};
    const auto first = broker.expect<FlowAdded>(add);
    REQUIRE(first.outcomes.size() == 1);
    for (int i = 0; i < 2; ++i) {
        const auto again = broker.expect<FlowAdded>(add);
        CHECK(again.repeated);
        CHECK(again.messages == first.messages);
        CHECK(again.outcomes == first.outcomes);
        broker.restart();
        broker.connect(2 + static_cast<std::uint64_t>(i));
    }
}

TEST_CASE("the ids of a flow's jobs are taken, and free when these are gone") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    add_flow(broker, {named("reports", "march"), named("pages", "cover", {0})});
    broker.restart();
    broker.connect(2);
    for (const auto& [queue, id] : {std::pair{"reports", "march"}, std::pair{"pages", "cover"}}) {
        const auto again = broker.produce(queue, {"again"}, id_of(id));
        REQUIRE(again.outcomes.size() == 1);
        CHECK(again.outcomes[0].offset == 0);
    }
    RemoveJobs remove;
    remove.queue = "reports";
    remove.own.ids = {"march"};
    CHECK(broker.expect<JobsRemoved>(remove).removed == 1);
    CHECK(broker.produce("reports", {"again"}, id_of("march")).count == 1);
}

TEST_CASE("a job that has failed, or that may wait for the one that asks, stands for nothing") {
    Broker broker;
    create_jobs(broker, {"reports", "pages"});
    broker.produce("pages", {"p"}, id_of("page"));
    fail_for_good(broker, broker.fetch(1, 2).at(0));
    const AddFlow failed{{flow_node("reports"), named("pages", "page", {0})}};
    auto refusal = broker.expect<Refusal>(failed);
    CHECK(refusal.code == RefusalCode::wrong_message_state);
    CHECK(refusal.field == "add_flow.nodes[1].options.id");
    CHECK(broker.show("reports").totals.produced == 0);

    add_flow(broker, {named("reports", "top"), flow_node("pages", {0})});
    const Delivered page = broker.fetch(1, 2).at(0);
    CHECK(broker.refusal(children_for(page, {named("reports", "top")})) == RefusalCode::flow_cycle);
    CHECK(broker.refusal(children_for(page, {flow_node("pages"), named("reports", "top", {0})})) ==
          RefusalCode::flow_cycle);
    broker.produce("pages", {"p"}, id_of("self"));
    const Delivered self = broker.fetch(1, 2).at(0);
    CHECK(broker.refusal(children_for(self, {named("pages", "self")})) == RefusalCode::flow_cycle);
}

TEST_CASE("names that the jobs of a flow cannot have are refused by their field") {
    Broker broker;
    create_jobs(broker, {"reports"});
    const auto field_of = [&](std::vector<FlowNode> nodes) {
        return broker.expect<Refusal>(AddFlow{std::move(nodes)}).field;
    };
    CHECK(field_of({named("reports", "a"), named("reports", "a", {0})}) == "add_flow.nodes[1].options.id");
    CHECK(field_of({named("reports", "")}) == "add_flow.nodes[0].options.id");
    CHECK(field_of({named("reports", std::string(257, 'x'))}) == "add_flow.nodes[0].options.id");
    EntryOptions keyed;
    keyed.dedup = Dedup{"k"};
    CHECK(field_of({flow_node("reports", {}, FailurePolicy::inherit, keyed)}) == "add_flow.nodes[0].options.dedup");
    CHECK(broker.show("reports").totals.produced == 0);
}
