#include "server/core/message_filter.hpp"

#include "tests/support/entries.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace baton;
using namespace baton::core;

namespace {

FilterCondition condition(std::string header, FilterTest test, std::vector<std::string> values = {}) {
    FilterCondition one;
    one.header = std::move(header);
    one.test = test;
    one.values = std::move(values);
    return one;
}

EntryRun order(const std::string& region, const std::string& amount) {
    return tests::make_entries({tests::EntrySpec{"x", "order.created", {{"region", region}, {"amount", amount}}}});
}

bool holds(FilterCondition one, const EntryRun& entry) {
    return matches(MessageFilter{{std::move(one)}, false}, entry);
}

}  // namespace

TEST_CASE("conditions look at headers and at the name") {
    const EntryRun eu = order("eu", "12.5");
    CHECK(holds(condition("region", FilterTest::equals, {"eu"}), eu));
    CHECK_FALSE(holds(condition("region", FilterTest::equals, {"us"}), eu));
    CHECK(holds(condition("region", FilterTest::in, {"us", "eu"}), eu));
    CHECK(holds(condition("region", FilterTest::prefix, {"e"}), eu));
    CHECK_FALSE(holds(condition("region", FilterTest::prefix, {"eur"}), eu));
    CHECK(holds(condition("region", FilterTest::exists), eu));
    CHECK_FALSE(holds(condition("zone", FilterTest::exists), eu));
    CHECK(holds(condition("", FilterTest::equals, {"order.created"}), eu));
    CHECK(holds(condition("", FilterTest::pattern, {"order.*"}), eu));
    CHECK_FALSE(holds(condition("", FilterTest::exists), tests::make_entries(std::vector<std::string>{"x"})));
}

TEST_CASE("a range holds decimal numbers, its bounds included") {
    FilterCondition range = condition("amount", FilterTest::range);
    range.from = 10;
    range.to = 20;
    for (const auto& [amount, inside] : std::vector<std::pair<std::string, bool>>{{"10", true},
                                                                                  {"20", true},
                                                                                  {"1.5e1", true},
                                                                                  {"9.99", false},
                                                                                  {"20.01", false},
                                                                                  {"", false},
                                                                                  {"12 euro", false},
                                                                                  {"nan", false}}) {
        INFO(amount);
        CHECK(holds(range, order("eu", amount)) == inside);
    }
    range.negated = true;
    CHECK(holds(range, order("eu", "12 euro")));
    CHECK_FALSE(holds(range, order("eu", "12")));
}

TEST_CASE("all conditions must hold, or one") {
    MessageFilter filter{{condition("region", FilterTest::equals, {"eu"}), condition("zone", FilterTest::exists)},
                         false};
    CHECK_FALSE(matches(filter, order("eu", "1")));
    filter.any = true;
    CHECK(matches(filter, order("eu", "1")));
    CHECK_FALSE(matches(filter, order("us", "1")));
    CHECK(matches(MessageFilter{{}, true}, order("us", "1")));
}

TEST_CASE("what matches of a run is told in ranges") {
    const EntryRun run = tests::make_entries(
        {tests::EntrySpec{"0", "a", {}}, {"1", "b", {}}, {"2", "b", {}}, {"3", "a", {}}, {"4", "b", {}}});
    const MessageFilter filter{{condition("", FilterTest::equals, {"b"})}, false};
    using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
    CHECK(matching(&filter, run) == Ranges{{1, 2}, {4, 1}});
    CHECK(matching(nullptr, run) == Ranges{{0, 5}});
}

TEST_CASE("a filter that breaks a limit is refused by its field") {
    const auto fault_of = [](FilterCondition one) {
        return check_message_filter(MessageFilter{{std::move(one)}, false}, "listen.filter");
    };
    CHECK_FALSE(fault_of(condition("a", FilterTest::exists)));
    CHECK(fault_of(condition("a", FilterTest::equals))->field == "listen.filter.conditions");
    CHECK(fault_of(condition("a", FilterTest::in, std::vector<std::string>(65, "x")))->limit == 64);
    CHECK(fault_of(condition(std::string(2'000, 'h'), FilterTest::exists))->limit == 1'024);
    CHECK(fault_of(condition("a", FilterTest::pattern, {"a.>.b"})));
    FilterCondition range = condition("a", FilterTest::range);
    CHECK(fault_of(range));
    range.from = std::numeric_limits<double>::infinity();
    CHECK(fault_of(range));
    range.from = 2;
    range.to = 1;
    CHECK(fault_of(range));
    const MessageFilter many{std::vector<FilterCondition>(17, condition("a", FilterTest::exists)), false};
    CHECK(check_message_filter(many, "f")->limit == 16);
}
