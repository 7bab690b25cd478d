// Flows on the wire: what a request adds, what is bounded, and what is told.
#include "server/core/limits.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>

namespace baton::session::test {

namespace {

v1::FlowNode& node_in(v1::ClientFrame& frame, const std::string& queue) {
    v1::FlowNode& node = *frame.mutable_add_flow()->add_nodes();
    node.set_queue(queue);
    node.mutable_entry()->set_payload("p");
    return node;
}

}  // namespace

TEST_CASE("a flow is read node by node") {
    v1::ClientFrame frame;
    node_in(frame, "reports").set_children_policy(v1::WAIT_FOR_RETRY);
    v1::FlowNode& child = node_in(frame, "pages");
    child.add_parents(0);
    child.set_policy(v1::IGNORE_FAILURE);
    child.mutable_options()->set_priority(3);
    child.mutable_entry()->set_name("page");
    const auto add = std::get<core::AddFlow>(body_of(frame));
    REQUIRE(add.nodes.size() == 2);
    CHECK(add.nodes[0].queue == "reports");
    CHECK(add.nodes[0].children_policy == core::FailurePolicy::wait);
    CHECK(add.nodes[0].parents.empty());
    CHECK(add.nodes[1].parents == std::vector<std::uint32_t>{0});
    CHECK(add.nodes[1].policy == core::FailurePolicy::ignore);
    CHECK(add.nodes[1].options.priority == 3U);
    v1::Entry entry;
    std::string_view wire = add.nodes[1].entry.bytes();
    wire.remove_prefix(2);  // Tag and length.
    REQUIRE(entry.ParseFromArray(wire.data(), static_cast<int>(wire.size())));
    CHECK(entry.name() == "page");
}

TEST_CASE("every field of a node is checked and named") {
    v1::ClientFrame none;
    none.mutable_add_flow();
    CHECK(fault_of(none).field() == "add_flow.nodes");

    v1::ClientFrame frame;
    node_in(frame, "a");
    v1::FlowNode& node = node_in(frame, "");
    CHECK(fault_of(frame).field() == "add_flow.nodes[1].queue");
    node.set_queue("b");
    node.mutable_options()->set_priority(core::limits::priority_max + 1);
    CHECK(fault_of(frame).field() == "options.priority");
    node.clear_options();
    node.set_policy(static_cast<v1::FailurePolicy>(9));
    CHECK(fault_of(frame).field() == "add_flow.nodes[1].policy");
    node.clear_policy();
    node.set_children_policy(static_cast<v1::FailurePolicy>(9));
    CHECK(fault_of(frame).field() == "add_flow.nodes[1].children_policy");
    node.clear_children_policy();
    node.mutable_entry()->set_name(std::string(256, 'n'));
    CHECK(fault_of(frame).field() == "add_flow.nodes[1].entry.name");
    node.clear_entry();
    CHECK(fault_of(frame).field() == "add_flow.nodes[1].entry");
    node.mutable_entry();
    for (std::uint32_t i = 0; i <= core::limits::flow_parents_max; ++i) {
        node.add_parents(i);
    }
    CHECK(fault_of(frame).limit() == core::limits::flow_parents_max);

    v1::ClientFrame many;
    for (std::uint32_t i = 0; i <= core::limits::flow_nodes_max; ++i) {
        node_in(many, "a");
    }
    CHECK(fault_of(many).field() == "add_flow.nodes");
    CHECK(fault_of(many).limit() == core::limits::flow_nodes_max);
}

TEST_CASE("a flow names the job that it is added to, and its sequences") {
    v1::ClientFrame frame;
    node_in(frame, "pages");
    v1::AddFlow& flow = *frame.mutable_add_flow();
    flow.mutable_parent()->mutable_token()->set_batch(9);
    flow.mutable_parent()->mutable_token()->set_queue_id(4);
    flow.mutable_parent()->set_offset(17);
    flow.mutable_parent()->set_children_policy(v1::CONTINUE_PARENT);
    flow.set_producer_id(5);
    flow.set_producer_created_ms(6);
    v1::AddFlow::Sequence& sequence = *flow.add_sequences();
    sequence.set_queue("pages");
    sequence.set_sequence(7);
    sequence.set_acked_through(3);
    const auto add = std::get<core::AddFlow>(body_of(frame));
    REQUIRE(add.parent);
    REQUIRE(add.parent->token);
    CHECK(add.parent->token->queue == core::QueueId{4});
    CHECK(add.parent->token->batch == 9);
    CHECK(add.parent->offset == 17);
    CHECK(add.parent->children_policy == core::FailurePolicy::continue_parent);
    CHECK(add.producer == 5);
    CHECK(add.producer_created_at == 6);
    REQUIRE(add.sequences.size() == 1);
    CHECK(add.sequences[0].queue == "pages");
    CHECK(add.sequences[0].sequence == 7);
    CHECK(add.sequences[0].acked_through == 3);

    sequence.set_queue("a b");
    CHECK(fault_of(frame).field() == "add_flow.sequences.queue");
    flow.mutable_parent()->set_children_policy(static_cast<v1::FailurePolicy>(9));
    CHECK(fault_of(frame).field() == "add_flow.parent.children_policy");
    flow.mutable_parent()->clear_token();
    CHECK(fault_of(frame).field() == "add_flow.parent.queue");
    v1::ClientFrame many;
    node_in(many, "pages");
    for (std::uint32_t i = 0; i <= core::limits::flow_nodes_max; ++i) {
        many.mutable_add_flow()->add_sequences();
    }
    CHECK(fault_of(many).field() == "add_flow.sequences");
}

TEST_CASE("what is done to flows is read and bounded") {
    v1::ClientFrame frame;
    frame.mutable_wait_children()->mutable_token()->set_batch(3);
    frame.mutable_wait_children()->set_offset(8);
    const auto wait = std::get<core::WaitChildren>(body_of(frame));
    CHECK(wait.token.batch == 3);
    CHECK(wait.offset == 8);

    CHECK((frame.mutable_detach(), fault_of(frame).field()) == "detach.queue");
    frame.mutable_detach()->set_queue("pages");
    frame.mutable_detach()->set_parent_queue("- -");
    CHECK(fault_of(frame).field() == "detach.parent_queue");
    frame.mutable_detach()->set_parent_queue("reports");
    frame.mutable_detach()->set_parent_offset(5);
    const auto detach = std::get<core::DetachChild>(body_of(frame));
    CHECK(detach.parent_queue == "reports");
    CHECK(detach.parent_offset == 5);

    using Action = core::ActOnFlow::Action;
    CHECK((frame.mutable_cancel_flow(), fault_of(frame).field()) == "cancel_flow.queue");
    frame.mutable_cancel_flow()->set_queue("q");
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).grace_ms == core::limits::cancel_grace_ms_default);
    frame.mutable_cancel_flow()->set_grace_ms(0);
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).grace_ms == 0);
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).action == Action::cancel);
    CHECK((frame.mutable_retry_flow(), fault_of(frame).field()) == "retry_flow.queue");
    frame.mutable_retry_flow()->set_queue("q");
    frame.mutable_retry_flow()->set_keep_counters(true);
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).keep_counters);
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).action == Action::retry);
    CHECK((frame.mutable_remove_flow(), fault_of(frame).field()) == "remove_flow.queue");
    frame.mutable_remove_flow()->set_queue("q");
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).action == Action::remove);
    CHECK((frame.mutable_remove_children(), fault_of(frame).field()) == "remove_children.queue");
    frame.mutable_remove_children()->set_queue("q");
    frame.mutable_remove_children()->set_offset(6);
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).action == Action::remove_unprocessed);
    CHECK(std::get<core::ActOnFlow>(body_of(frame)).offset == 6);
}

TEST_CASE("a flow may be larger than other requests") {
    v1::ClientFrame frame;
    for (int i = 0; i < 3; ++i) {
        node_in(frame, "a").mutable_entry()->set_payload(std::string(1'000'000, 'x'));
    }
    CHECK(std::get<core::AddFlow>(body_of(frame)).nodes.size() == 3);
}

TEST_CASE("what is asked about flows is bounded") {
    v1::ClientFrame show;
    CHECK((show.mutable_show_flow(), fault_of(show).field()) == "show_flow.queue");
    show.mutable_show_flow()->set_queue("q");
    show.mutable_show_flow()->set_offset(7);
    const auto plain = std::get<core::ShowFlow>(body_of(show));
    CHECK(plain.offset == 7);
    CHECK(plain.depth == 10);
    CHECK(plain.width == 20);
    show.mutable_show_flow()->set_depth(core::limits::flow_depth_shown_max + 1);
    CHECK(fault_of(show).field() == "show_flow.depth");
    show.mutable_show_flow()->set_depth(1);
    show.mutable_show_flow()->set_width(core::limits::flow_width_shown_max + 1);
    CHECK(fault_of(show).field() == "show_flow.width");

    v1::ClientFrame list;
    CHECK((list.mutable_list_children(), fault_of(list).field()) == "list_children.queue");
    list.mutable_list_children()->set_queue("q");
    list.mutable_list_children()->add_states(v1::CHILD_FAILED);
    list.mutable_list_children()->add_states(v1::CHILD_IGNORED);
    list.mutable_list_children()->set_cursor(5);
    const auto some = std::get<core::ListChildren>(body_of(list));
    CHECK(some.states == (1U << v1::CHILD_FAILED | 1U << v1::CHILD_IGNORED));
    CHECK(some.from == 5);
    CHECK(some.limit == 100);
    list.mutable_list_children()->add_states(v1::CHILD_STATE_UNSPECIFIED);
    CHECK(fault_of(list).field() == "list_children.states");
    list.mutable_list_children()->clear_states();
    list.mutable_list_children()->set_limit(1'001);
    CHECK(fault_of(list).field() == "list_children.limit");
}

TEST_CASE("what became of a flow that was acted on is told") {
    Machine machine;
    encode_children_awaited(core::RequestId{4}, {core::ChildrenAwaited::Verdict::failed}, machine.out);
    encode_flow_acted(core::RequestId{5}, {1, 2, 3}, machine.out);
    encode_flow_added(core::RequestId{6},
                      {{{core::QueueId{3}, 9}},
                       {{0, core::NodeOutcome::Kind::duplicate, core::MessageState::delayed},
                        {2, core::NodeOutcome::Kind::left_out, {}}},
                       true},
                      machine.out);
    const auto said = machine.said();
    REQUIRE(said.size() == 3);
    CHECK(said[0].children_awaited().verdict() == v1::ChildrenAwaited::FAILED);
    CHECK(said[1].flow_acted().done() == 1);
    CHECK(said[1].flow_acted().cancelling() == 2);
    CHECK(said[1].flow_acted().skipped() == 3);
    CHECK(said[2].flow_added().repeated());
    REQUIRE(said[2].flow_added().outcomes_size() == 2);
    CHECK(said[2].flow_added().outcomes(0).kind() == v1::FlowAdded::NodeOutcome::DUPLICATE);
    CHECK(said[2].flow_added().outcomes(0).state() == v1::DELAYED);
    CHECK(said[2].flow_added().outcomes(1).kind() == v1::FlowAdded::NodeOutcome::LEFT_OUT);
    CHECK(said[2].flow_added().outcomes(1).node() == 2);
}

TEST_CASE("what is told about flows is told whole") {
    Machine machine;
    encode_flow_added(core::RequestId{4}, {{{core::QueueId{9}, 1}, {core::QueueId{8}, 2}}}, machine.out);
    core::ChildView child{
        3, {core::QueueId{8}, 2, core::FailurePolicy::ignore, core::ChildState::ignored, true}, "pages"};
    child.child.error = "failed: torn";
    core::FlowView view{{core::QueueId{9}, 1}, "reports", {core::FlowState::released, 500, 0, 0, 0, 11}, 1, 2, 3, 4, 5};
    view.children.push_back(child);
    encode_flow_info(core::RequestId{5}, {{view}, true}, machine.out);
    child.child.result = std::make_shared<const core::JobResult>(core::JobResult{"text/plain", "42"});
    encode_child_list(core::RequestId{6}, {{child}, true, 4}, machine.out);
    const auto said = machine.said();
    REQUIRE(said.size() == 3);
    CHECK(said[0].flow_added().messages(1).queue_id() == 8);
    CHECK(said[0].flow_added().messages(1).offset() == 2);
    const v1::FlowView& told = said[1].flow_info().flows(0);
    CHECK(said[1].flow_info().more());
    CHECK(told.queue() == "reports");
    CHECK(told.queue_id() == 9);
    CHECK(told.offset() == 1);
    CHECK(told.state() == v1::FLOW_RELEASED);
    CHECK(told.created_ms() == 500);
    CHECK(told.total() == 11);
    CHECK(told.pending() == 1);
    CHECK(told.completed() == 2);
    CHECK(told.failed() == 3);
    CHECK(told.ignored() == 4);
    CHECK(told.removed() == 5);
    CHECK(told.children(0).index() == 3);
    CHECK(told.children(0).is_parent());
    CHECK(told.children(0).error() == "failed: torn");
    const v1::ChildList& list = said[2].child_list();
    CHECK(list.more());
    CHECK(list.next() == 4);
    CHECK(list.children(0).queue() == "pages");
    CHECK(list.children(0).policy() == v1::IGNORE_FAILURE);
    CHECK(list.children(0).state() == v1::CHILD_IGNORED);
    CHECK(list.children(0).result().value() == "42");
}

}  // namespace baton::session::test
