// Patterns of names, and the tree in which they are found.
#include "server/core/word_pattern.hpp"

#include "server/core/route_table.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace baton::core;

TEST_CASE("a pattern stands for names by their words") {
    CHECK(name_matches("order.*", "order.created"));
    CHECK_FALSE(name_matches("order.*", "order"));
    CHECK_FALSE(name_matches("order.*", "order.created.eu"));
    CHECK(name_matches("order.#", "order"));
    CHECK(name_matches("order.#", "order.created.eu"));
    CHECK(name_matches("#.eu", "eu"));
    CHECK(name_matches("#.eu", "order.eu.created.eu"));
    CHECK_FALSE(name_matches("#.eu", "order.eu.created"));
    CHECK(name_matches("a.#.b.#.c", "a.x.b.b.y.c"));
    CHECK_FALSE(name_matches("a.#.b.#.c", "a.x.y.c"));
    CHECK(name_matches("order.>", "order.created.eu"));
    CHECK_FALSE(name_matches("order.>", "order"));
    CHECK(name_matches("#", "anything.at.all"));
    CHECK(name_matches("order", "order"));
    CHECK_FALSE(name_matches("order", "orders"));
}

TEST_CASE("a bad pattern is refused by what is wrong with it") {
    CHECK_FALSE(check_pattern("order.*.#", "field"));
    CHECK_FALSE(check_pattern("order.>", "field"));
    for (const char* bad : {"", "order..eu", "order.>.eu", "ord*", "a#b.c", "#.#.#.#.#", "order.ä"}) {
        const auto fault = check_pattern(bad, "field");
        INFO(bad);
        REQUIRE(fault);
        CHECK(fault->field == "field");
    }
    CHECK(check_pattern(std::string(300, 'a'), "field")->limit == 255);
}

namespace {

std::string random_words(baton::tests::Prng& random, const std::vector<std::string>& from) {
    std::string text = from[random.below(from.size())];
    for (std::uint64_t more = random.below(4); more > 0; --more) {
        text += '.' + from[random.below(from.size())];
    }
    return text;
}

}  // namespace

TEST_CASE("the tree finds what the patterns match one by one") {
    baton::tests::Prng random(7);
    RouteTable table;
    std::vector<std::unique_ptr<Route>> routes;
    for (int i = 0; i < 400; ++i) {
        const std::string pattern = random_words(random, {"a", "b", "c", "*", "#"});
        routes.push_back(std::make_unique<Route>());
        routes.back()->selects =
            std::make_shared<const Selection>(Selection{random.below(8) == 0 ? pattern + ".>" : pattern, nullptr});
        table.add(*routes.back());
    }
    for (int round = 0; round < 300; ++round) {
        const std::string topic = random_words(random, {"a", "b", "c", "d"});
        std::vector<const Route*> naive;
        for (const auto& route : routes) {
            if (name_matches(route->selects->pattern, topic)) {
                naive.push_back(route.get());
            }
        }
        const auto found = table.routes_of(topic);
        INFO(topic);
        CHECK(std::vector<const Route*>(found.begin(), found.end()) == naive);
        if (round % 3 == 0) {
            const std::size_t gone = random.below(routes.size());
            table.remove(*routes[gone]);
            routes.erase(routes.begin() + static_cast<std::ptrdiff_t>(gone));
        }
    }
}
