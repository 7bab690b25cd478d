// Bindings: what is published becomes a job of a queue in the same write.
#include "tests/unit/core/topic_builder.hpp"

#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::done_from;
using tests::kinds;
using tests::of_kind;
using tests::subscribe;

namespace {

using Texts = std::vector<std::string>;

CreateBinding binding_of(const std::string& name, const std::string& topics, const std::string& queue,
                         MessageFilterPtr filter = nullptr, BindingOptions options = {}) {
    return {queue,
            {name, std::make_shared<const Selection>(Selection{topics, std::move(filter)}), std::move(options)},
            false};
}

}  // namespace

TEST_CASE("a binding makes jobs of what it selects, over restarts") {
    Broker broker;
    create_topic(broker, "order.created");
    broker.create("jobs");
    broker.consume("jobs", 0);
    broker.expect<Done>(binding_of("b", "order.*", "jobs", of_kind("red")));
    const auto produced = broker.expect<Produced>(kinds("order.created", {{"a", "red"}, {"b", "blue"}}));
    CHECK(produced.subscriptions == 1);
    CHECK(broker.show("jobs").waiting == 1);
    CHECK(broker.show("jobs").totals.produced == 1);
    CHECK(done_from(broker, 1) == Texts{"a"});
    broker.restart();
    broker.connect(2);
    broker.consume("jobs", 0);
    broker.expect<Produced>(kinds("order.created", {{"c", "red"}}));
    CHECK(done_from(broker, 1) == Texts{"c"});
    broker.expect<Done>(DeleteBinding{"b"});
    CHECK(broker.expect<Produced>(kinds("order.created", {{"d", "red"}})).subscriptions == 0);
    CHECK(broker.refusal(DeleteBinding{"b"}) == RefusalCode::binding_not_found);
}

TEST_CASE("jobs of a binding have its options, and those that headers name") {
    Broker broker;
    create_topic(broker, "orders");
    broker.create("jobs");
    BindingOptions options;
    options.delay_ms = 5'000;
    options.group_header = "kind";
    broker.expect<Done>(binding_of("late", "orders", "jobs", nullptr, options));
    broker.expect<Produced>(kinds("orders", {{"a", "red"}}));
    CHECK(broker.show("jobs").delayed == 1);
    broker.advance(5'000);
    CHECK(broker.show("jobs").grouped == 1);

    broker.create("ranked");
    broker.consume("ranked", 0, 2);
    options = {};
    options.priority = 9;
    options.priority_header = "kind";
    broker.expect<Done>(binding_of("ranked", "orders", "ranked", nullptr, options));
    broker.expect<Produced>(kinds("orders", {{"low", "20"}, {"default", "none"}, {"high", "1"}}));
    CHECK(done_from(broker, 2) == Texts{"high", "default", "low"});
}

TEST_CASE("a publish that a bound queue has no room for is refused as a whole") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    QueueSettingsChange small;
    small.max_messages = 2;
    broker.create("jobs", small);
    broker.expect<Done>(binding_of("b", "orders", "jobs"));
    broker.produce("orders", {"a"});
    CHECK(broker.refusal(Broker::batch("orders", {"b", "c"})) == RefusalCode::queue_full);
    CHECK(broker.show("orders").end == 1);
    CHECK(broker.show("jobs").waiting == 1);
    broker.produce("orders", {"d"});
    CHECK(broker.show("jobs").waiting == 2);
    CHECK(done_from(broker, 1) == Texts{"a", "d"});
}

TEST_CASE("a bound queue that drops its oldest makes room, with what must be read for it") {
    CoreOptions options;
    options.window_bytes_max = 0;
    Broker broker(options);
    create_topic(broker, "orders");
    QueueSettingsChange small;
    small.max_messages = 2;
    small.overflow = Overflow::drop_oldest;
    broker.create("jobs", small);
    broker.consume("jobs", 0);
    broker.expect<Done>(binding_of("b", "orders", "jobs"));
    for (const char* text : {"a", "b", "c", "d"}) {
        broker.produce("orders", {text});
    }
    CHECK(broker.show("orders").end == 4);
    CHECK(done_from(broker, 1) == Texts{"c", "d"});
    CHECK(broker.show("jobs").totals.dropped == 2);
}

TEST_CASE("publishes that wait for a bound queue keep their order") {
    CoreOptions options;
    options.window_bytes_max = 0;
    Broker broker(options);
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    QueueSettingsChange small;
    small.max_messages = 1;
    small.overflow = Overflow::drop_oldest;
    broker.create("jobs", small);
    broker.expect<Done>(binding_of("b", "orders", "jobs"));
    broker.produce("orders", {"a"});
    broker.begin(Broker::batch("orders", {"b"}));
    broker.begin(Broker::batch("orders", {"c"}));
    broker.produce("orders", {"d"});
    CHECK(broker.show("orders").end == 4);
    CHECK(tests::all_from(broker, 1) == Texts{"a", "b", "c", "d"});
}

TEST_CASE("what nobody gets goes to the alternate queue, or is refused where that is asked for") {
    Broker broker;
    broker.create("lost");
    broker.create("jobs");
    TopicSettingsChange keeps;
    keeps.alternate = "lost";
    create_topic(broker, "orders", keeps);
    broker.expect<Done>(binding_of("b", "orders", "jobs", of_kind("red")));
    broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "blue"}, {"c", "blue"}, {"d", "red"}}));
    CHECK(broker.show("jobs").waiting == 2);
    CHECK(broker.show("lost").waiting == 2);
    subscribe(broker, "orders", "all", 1);
    broker.expect<Produced>(kinds("orders", {{"e", "blue"}}));
    CHECK(broker.show("lost").waiting == 2);

    create_topic(broker, "quiet");
    Produce mandatory = Broker::batch("quiet", {"x"});
    mandatory.refuse_unrouted = true;
    CHECK(broker.refusal(mandatory) == RefusalCode::no_subscription);
    CHECK(broker.show("quiet").end == 0);
    subscribe(broker, "quiet", "one", 2);
    CHECK(broker.expect<Produced>(mandatory).subscriptions == 1);
    keeps.alternate = "nowhere";
    CHECK(broker.refusal(UpdateTopic{"orders", keeps, {}}) == RefusalCode::queue_not_found);
}

TEST_CASE("bindings are idempotent, changed by an update, listed, and go with their queue") {
    Broker broker;
    broker.create("jobs");
    broker.create("other");
    create_topic(broker, "orders");
    broker.expect<Done>(binding_of("b", "orders", "jobs"));
    broker.expect<Done>(binding_of("b", "orders", "jobs"));
    CreateBinding change = binding_of("b", "orders", "other");
    CHECK(broker.refusal(change) == RefusalCode::binding_exists);
    change.update = true;
    broker.expect<Done>(change);
    broker.expect<Done>(binding_of("a", "#", "jobs"));
    broker.produce("orders", {"x"});
    CHECK(broker.show("other").waiting == 1);
    CHECK(broker.show("jobs").waiting == 1);
    auto page = broker.expect<BindingList>(ListBindings{"", "", 1});
    REQUIRE(page.bindings.size() == 1);
    CHECK(page.bindings.front().spec.name == "a");
    page = broker.expect<BindingList>(ListBindings{"", page.next, 10});
    REQUIRE(page.bindings.size() == 1);
    CHECK(page.bindings.front().queue == "other");
    broker.expect<Done>(DeleteQueue{"other"});
    CHECK(broker.expect<BindingList>(ListBindings{"", "", 10}).bindings.size() == 1);
    broker.restart();
    broker.connect(2);
    CHECK(broker.expect<BindingList>(ListBindings{"", "", 10}).bindings.size() == 1);
    CHECK(broker.refusal(binding_of("t", "orders", "orders")) == RefusalCode::wrong_kind);
    CHECK(broker.refusal(binding_of("t", "a.>.b", "jobs")) == RefusalCode::invalid_argument);
}

TEST_CASE("the alternate queue is asked for room for what nobody else gets, and for nothing more") {
    Broker broker;
    QueueSettingsChange one;
    one.max_messages = 1;
    broker.create("lost", one);
    TopicSettingsChange keeps;
    keeps.alternate = "lost";
    create_topic(broker, "orders", keeps);
    broker.create("jobs");
    broker.expect<Done>(binding_of("b", "orders", "jobs", of_kind("red")));
    broker.expect<Produced>(kinds("orders", {{"a", "blue"}, {"b", "red"}, {"c", "red"}}));
    broker.expect<Produced>(kinds("orders", {{"d", "red"}}));
    CHECK(broker.refusal(kinds("orders", {{"e", "blue"}})) == RefusalCode::queue_full);
    CHECK(broker.show("jobs").waiting == 3);
}

TEST_CASE("a group that is full refuses what a binding would put into it") {
    Broker broker;
    create_topic(broker, "orders");
    QueueSettingsChange settings;
    settings.group_max_messages = 2;
    broker.create("jobs", settings);
    BindingOptions options;
    options.group_header = "kind";
    broker.expect<Done>(binding_of("b", "orders", "jobs", nullptr, options));
    CHECK(broker.refusal(kinds("orders", {{"a", "red"}, {"b", "red"}, {"c", "red"}})) == RefusalCode::group_full);
    broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "red"}, {"c", "blue"}}));
    CHECK(broker.refusal(kinds("orders", {{"d", "red"}})) == RefusalCode::group_full);
    CHECK(broker.show("orders").end == 3);
}

TEST_CASE("a job has the options of its message where the binding says nothing") {
    Broker broker;
    create_topic(broker, "orders");
    broker.create("jobs");
    broker.consume("jobs", 0);
    broker.expect<Done>(binding_of("b", "orders", "jobs"));
    EntryOptions own;
    own.ttl_ms = 10'000;
    own.lease_ms = 7'000;
    broker.produce("orders", {"a", "b"}, own);
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    CHECK(held.front().lease_ms == 7'000);
    broker.ack(held.front());
    broker.advance(11'000);
    CHECK(broker.show("jobs").totals.expired == 1);
}

TEST_CASE("an update of a subscription that is refused leaves its filter as it was") {
    Broker broker;
    create_topic(broker, "orders");
    tests::select(broker, "orders", "some", 1, of_kind("red"));
    CreateSubscription change;
    change.topic = "orders";
    change.name = "some";
    change.update = true;
    change.filter = of_kind("blue");
    change.settings.dead_letter_queue = "nowhere";
    CHECK(broker.refusal(change) == RefusalCode::dead_letter_target_missing);
    broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "blue"}}));
    CHECK(done_from(broker, 1) == Texts{"a"});
}
