// Kinds that the server may name have words of their own.
#include "baton/v1/why.pb.h"
#include "baton/why.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <string>

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

}  // namespace

TEST_CASE("an ailment of every kind goes by its name on the wire") {
    using Kind = baton::v1::Ailment::Kind;
    for (int kind = baton::v1::Ailment::Kind_MIN + 1; kind <= baton::v1::Ailment::Kind_MAX; ++kind) {
        CHECK(to_text(static_cast<baton::Ailment::Kind>(kind)) ==
              lower(baton::v1::Ailment::Kind_Name(static_cast<Kind>(kind))));
    }
    CHECK(to_text(baton::Ailment::Kind::unspecified) == std::string("other"));
}
