#include "tests/crash/lossy_disk.hpp"
#include "tests/support/prng.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace baton;

namespace {

/// One life of a store that ends in a power cut: returns how many samples were acknowledged as durable.
std::uint64_t live_and_cut(const std::string& data_dir, std::uint64_t from, std::uint64_t commits, bool sync,
                           std::uint64_t seed) {
    tests::LossyDisk disk;
    storage::StoreOptions options;
    options.data_dir = data_dir;
    options.reserve_bytes = 1 << 20;
    options.write_buffer_bytes = 64 << 10;  // Small, so that flushes and compactions are cut too.
    options.file_system_for_tests = disk.env();
    {
        auto store = storage::Store::open(options);
        tests::Prng random(seed);
        const std::uint64_t upto = from + 1 + random.below(commits);
        for (std::uint64_t n = from; n < upto; ++n) {
            tests::commit_sample(*store, n, sync);
        }
        from = upto;
        // The process goes without close(): what its destructors write is cut off below like the rest.
        disk.fail_sync(1);
        disk.fail_append(1);
    }
    disk.cut_power();
    return from;
}

std::int64_t found_in(const std::string& data_dir) {
    storage::StoreOptions options;
    options.data_dir = data_dir;
    options.reserve_bytes = 1 << 20;
    auto store = storage::Store::open(options);
    return tests::samples_in(*store);
}

int cycles() {
    const char* wanted = std::getenv("BATON_POWER_CUTS");
    return wanted != nullptr ? std::atoi(wanted) : 25;
}

}  // namespace

TEST_CASE("no acknowledged commit is lost to a power cut") {
    const tests::TempDir dir;
    std::uint64_t acked = 0;
    for (int cycle = 0; cycle < cycles(); ++cycle) {
        acked = live_and_cut(dir / "data", acked, 200, true, static_cast<std::uint64_t>(cycle));
        REQUIRE(found_in(dir / "data") == static_cast<std::int64_t>(acked));
    }
}

TEST_CASE("the control: without a sync the same cut does lose commits, and leaves a prefix") {
    const tests::TempDir dir;
    const std::uint64_t written = live_and_cut(dir / "data", 0, 200, false, 1);
    const std::int64_t found = found_in(dir / "data");
    CHECK(found >= 0);
    CHECK(found < static_cast<std::int64_t>(written));
}
