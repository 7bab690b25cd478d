// A flow as a person writes it down.
#include "cli/flow_file.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using namespace baton;
using cli::read_flow;

TEST_CASE("a tree of jobs is read parents first, each child with its parent") {
    const Flow flow = read_flow(R"({"queue": "reports", "payload": "2026-11", "children_on_failure": "ignore",
        "name": "monthly", "headers": {"who": "me"}, "children": [
            {"queue": "pages", "payload": {"page": 1}, "options": {"delay": "10s", "ttl": "1m", "lease": "5s",
             "run_limit": "2s", "priority": 2, "max_attempts": 4, "group": "g"}, "children": [{"queue": "lines"}]},
            {"queue": "pages", "on_failure": "wait"}]})");
    REQUIRE(flow.nodes().size() == 4);
    const Flow::Node& root = flow.nodes()[0];
    CHECK(root.queue == "reports");
    CHECK(root.message.payload == "2026-11");
    CHECK(root.message.name == "monthly");
    CHECK(root.message.headers == std::vector<Header>{{"who", "me"}});
    CHECK(root.options.children_on_failure == FailurePolicy::ignore);
    CHECK(root.parents.empty());
    const Flow::Node& page = flow.nodes()[1];
    CHECK(page.message.payload == R"({"page":1})");
    CHECK(page.parents == std::vector<Flow::Job>{0});
    CHECK(page.message.options.delay == std::chrono::seconds(10));
    CHECK(page.message.options.ttl == std::chrono::minutes(1));
    CHECK(page.message.options.lease == std::chrono::seconds(5));
    CHECK(page.message.options.run_limit == std::chrono::seconds(2));
    CHECK(page.message.options.priority == 2U);
    CHECK(page.message.options.max_attempts == 4U);
    CHECK(page.message.options.group == "g");
    CHECK(flow.nodes()[2].parents == std::vector<Flow::Job>{1});
    CHECK(flow.nodes()[3].parents == std::vector<Flow::Job>{0});
    CHECK(flow.nodes()[3].options.on_failure == FailurePolicy::wait);
}

TEST_CASE("several flows come as a list") {
    const Flow flows = read_flow(R"([{"queue": "a"}, {"queue": "b", "children": [{"queue": "c"}]}])");
    REQUIRE(flows.nodes().size() == 3);
    CHECK(flows.nodes()[1].parents.empty());
    CHECK(flows.nodes()[2].parents == std::vector<Flow::Job>{1});
}

TEST_CASE("what cannot be meant is refused with the field") {
    const auto fault_of = [](const std::string& text) {
        try {
            read_flow(text);
        } catch (const std::invalid_argument& fault) {
            return std::string(fault.what());
        }
        return std::string("taken");
    };
    CHECK(fault_of("{").starts_with("the flow is no JSON"));
    CHECK(fault_of("3") == "flow: must be an object");
    CHECK(fault_of("{}") == "flow.queue: is missing");
    CHECK(fault_of(R"({"queue": 1})") == "flow.queue: must be a string");
    CHECK(fault_of(R"({"queue": "a", "colour": 1})") == "flow.colour: is not known");
    CHECK(fault_of(R"({"queue": "a", "children": {}})") == "flow.children: must be a list");
    CHECK(fault_of(R"([{"queue": "a", "children": [{"queue": "b", "on_failure": "cry"}]}])")
              .starts_with("flow[0].children[0].on_failure: is fail_parent"));
    CHECK(fault_of(R"({"queue": "a", "options": {"priority": -1}})") ==
          "flow.options.priority: must be a whole number");
    CHECK(fault_of(R"({"queue": "a", "options": {"speed": 1}})") == "flow.options.speed: is not known");
    std::string deep;
    for (int i = 0; i < 65; ++i) {
        deep += R"({"queue": "a", "children": [)";
    }
    for (int i = 0; i < 65; ++i) {
        deep += "]}";
    }
    CHECK(fault_of(deep).ends_with("a flow has at most 64 levels"));
}
