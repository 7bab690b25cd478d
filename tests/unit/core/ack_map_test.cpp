#include "server/core/ack_map.hpp"

#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace baton::core;
using baton::tests::Prng;

namespace {

constexpr NamespaceId ns{1};
constexpr QueueId cursor{7};

/// What a restart makes of everything that `map` wrote so far.
class Disk {
public:
    void take(AckMap& map) {
        std::vector<Mutation> changes;
        map.append_changes(ns, cursor, changes);
        for (Mutation& change : changes) {
            if (auto* page = std::get_if<PutAckPage>(&change)) {
                pages_[page->page] = *page;
            } else {
                pages_.erase(std::get<RemoveAckPage>(change).page);
            }
        }
        state_ = PutQueueState{};
        map.fill(state_);
    }
    AckMap restored() const {
        AckMap map;
        map.restore(state_);
        for (const auto& [number, page] : pages_) {
            map.restore(page);
        }
        return map;
    }
    std::size_t pages() const { return pages_.size(); }

private:
    PutQueueState state_;
    std::map<std::uint64_t, PutAckPage> pages_;
};

}  // namespace

TEST_CASE("acks in order move the low mark and leave no bit behind") {
    AckMap map;
    CHECK(map.set_range(0, 100) == 100);
    CHECK(map.low() == 100);
    CHECK(map.bits_set() == 0);
    CHECK(map.set_range(50, 100) == 50);
    CHECK(map.low() == 150);
    CHECK(map.next_clear(0) == 150);
}

TEST_CASE("a hole holds the low mark until it is filled") {
    AckMap map;
    map.set_range(1, 9'999);
    CHECK(map.low() == 0);
    CHECK(map.bits_set() == 9'999);
    CHECK_FALSE(map.test(0));
    CHECK(map.test(9'999));
    CHECK(map.next_clear(1) == 10'000);
    CHECK(map.count_set(0, 5'000) == 4'999);
    CHECK(map.set_range(0, 1) == 1);
    CHECK(map.low() == 10'000);
    CHECK(map.bits_set() == 0);
}

TEST_CASE("a queue that keeps up writes no pages of its own") {
    AckMap map;
    Disk disk;
    for (Offset at = 0; at < 3 * AckMap::page_size; at += 512) {
        map.set_range(at, 512);
        disk.take(map);
        CHECK(disk.pages() == 0);
    }
    CHECK(disk.restored().low() == 3 * AckMap::page_size);
}

TEST_CASE("whole pages far ahead of the low mark collapse into a run") {
    AckMap map;
    Disk disk;
    map.set_range(AckMap::page_size, 100 * AckMap::page_size);
    disk.take(map);
    CHECK(disk.pages() == 0);
    CHECK(disk.restored().count_set(0, 200 * AckMap::page_size) == 100 * AckMap::page_size);
}

TEST_CASE("any order of acks agrees with a plain set, and so does what a restart reads") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Prng random(seed);
        AckMap map;
        Disk disk;
        std::set<Offset> expected;
        constexpr Offset end = 5 * AckMap::page_size;
        for (int step = 0; step < 150; ++step) {
            const Offset first = random.below(end);
            const std::uint64_t count = 1 + random.below(std::min<std::uint64_t>(end - first, 3'000));
            std::uint64_t fresh = 0;
            for (Offset offset = first; offset < first + count; ++offset) {
                fresh += expected.insert(offset).second ? 1 : 0;
            }
            REQUIRE(map.set_range(first, count) == fresh);
            disk.take(map);
        }
        Offset low = 0;
        while (expected.contains(low)) {
            ++low;
        }
        const AckMap restored = disk.restored();
        for (const AckMap* one : {&std::as_const(map), &restored}) {
            REQUIRE(one->low() == low);
            REQUIRE(one->count_set(0, end) == expected.size());
            REQUIRE(one->bits_set() == expected.size() - low);
            for (int probe = 0; probe < 500; ++probe) {
                const Offset offset = random.below(end);
                REQUIRE(one->test(offset) == expected.contains(offset));
            }
        }
    }
}
