// Patterns of topics as the client reads them: they must mean what they mean to the server.
#include "client/topic_pattern.hpp"

#include <catch2/catch.hpp>

using namespace baton::detail;

TEST_CASE("a pattern of topics matches word by word") {
    CHECK(topic_matches("order.created", "order.created"));
    CHECK_FALSE(topic_matches("order.created", "order"));
    CHECK_FALSE(topic_matches("order", "order.created"));
    CHECK(topic_matches("order.*", "order.created"));
    CHECK_FALSE(topic_matches("order.*", "order"));
    CHECK_FALSE(topic_matches("order.*", "order.created.late"));
    CHECK(topic_matches("*.created", "order.created"));
    CHECK(topic_matches("#", "order.created.late"));
    CHECK(topic_matches("order.#", "order"));
    CHECK(topic_matches("order.#.late", "order.late"));
    CHECK(topic_matches("order.#.late", "order.created.very.late"));
    CHECK_FALSE(topic_matches("order.#.late", "order.created.early"));
    CHECK(topic_matches("#.created.#", "order.created"));
    CHECK(topic_matches("order.>", "order.created.late"));
    CHECK_FALSE(topic_matches("order.>", "order"));
    CHECK_FALSE(topic_matches("*",
                              ""
                              ".a"));
}

TEST_CASE("what is no pattern of topics is told") {
    for (const char* good : {"order", "order.created", "*", "#", ">", "order.*.#", "order.>"}) {
        CHECK(is_topic_pattern(good));
    }
    for (const char* bad : {"", "order.", ".order", "order..created", "order*", "a.>.b", "order/mail"}) {
        CHECK_FALSE(is_topic_pattern(bad));
    }
}
