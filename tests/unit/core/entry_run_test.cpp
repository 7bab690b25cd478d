// What memory keeps for long does not keep alive what arrived with it.
#include "server/core/entry_run.hpp"

#include "server/core/lane_window.hpp"
#include "server/core/limits.hpp"
#include "tests/support/entries.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;

namespace {

std::vector<std::string> payloads_of(std::size_t count) {
    std::vector<std::string> payloads;
    for (std::size_t i = 0; i < count; ++i) {
        payloads.push_back(std::string(100, 'a' + static_cast<char>(i % 26)));
    }
    return payloads;
}

}  // namespace

TEST_CASE("a small part of a large run lives without the rest of it") {
    EntryRun whole = tests::make_entries(payloads_of(1'000));
    const std::weak_ptr<const void> bytes = whole.buffer.owner;
    const std::weak_ptr<const EntryIndex> index = whole.index;
    EntryRun part = whole.slice(500, 2);
    const std::string wire(part.bytes());
    const EntryRun apart = part.apart();
    CHECK(apart.bytes() == wire);
    CHECK(apart.size_of(1) == part.size_of(1));
    CHECK(apart.checksum_of(1) == whole.checksum_of(501));
    CHECK(apart.slice(1, 1).bytes() == whole.slice(501, 1).bytes());
    whole = {};
    CHECK_FALSE(bytes.expired());  // By `part`.
    part = {};
    CHECK(bytes.expired());
    CHECK(index.expired());
}

TEST_CASE("a run that is most of what it keeps is not copied") {
    const EntryRun whole = tests::make_entries(payloads_of(1'000));
    CHECK(whole.apart().buffer.owner == whole.buffer.owner);
    CHECK(whole.slice(0, 900).apart().buffer.owner == whole.buffer.owner);
    EntryRun pinned = whole;
    pinned.buffer.owner_bytes = 4 * whole.bytes().size();
    CHECK(pinned.apart().buffer.owner != whole.buffer.owner);
    CHECK(EntryRun{}.apart().count == 0);
}

TEST_CASE("a lane's window keeps few of the batches that its messages came with") {
    LaneWindow window(Lane::timed);
    std::vector<std::weak_ptr<const void>> batches;
    for (Offset offset = 0; offset < 1'000; ++offset) {
        const EntryRun batch = tests::make_entries(payloads_of(200));
        batches.emplace_back(batch.buffer.owner);
        MessageRecord record;
        record.offset = offset;
        record.at = static_cast<TimeMs>(offset);
        record.body = batch.slice(7, 1);
        window.insert(std::move(record));
    }
    CHECK(window.records().size() == 1'000);
    const auto alive = std::count_if(batches.begin(), batches.end(), [](const auto& one) { return !one.expired(); });
    CHECK(static_cast<std::size_t>(alive) <= limits::records_with_others_max);
}
