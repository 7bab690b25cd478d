#include "cli/stored_ranges.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using baton::BatchReceipt;
using baton::cli::StoredRanges;

namespace {

BatchReceipt stored_at(std::uint64_t first, std::uint32_t count) {
    BatchReceipt receipt;
    receipt.queue_id = 3;
    receipt.first_offset = first;
    receipt.accepted = count;
    return receipt;
}

}  // namespace

TEST_CASE("ranges that follow each other are one, and a single message is no range") {
    StoredRanges ranges;
    CHECK(ranges.empty());
    CHECK(ranges.text().empty());
    ranges.add(stored_at(0, 10));
    ranges.add(stored_at(10, 5));
    ranges.add(stored_at(15, 0));
    CHECK(ranges.text() == "3-0 to 3-14");
    ranges.add(stored_at(20, 1));
    CHECK(ranges.text() == "3-0 to 3-14, 3-20");
    CHECK(boost::json::serialize(ranges.json()) == R"([{"first":"3-0","last":"3-14"},{"first":"3-20","last":"3-20"}])");
}

TEST_CASE("a line has as many ranges as can be read, JSON has all") {
    StoredRanges ranges;
    for (std::uint64_t i = 0; i < 10; ++i) {
        ranges.add(stored_at(i * 2, 1));
    }
    CHECK(ranges.text() == "3-0, 3-2, 3-4, 3-6, 3-8, 3-10, 3-12, 3-14 and 2 further ranges");
    CHECK(ranges.json().size() == 10);
}
