#include "tests/crash/lossy_disk.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace baton;

namespace {

storage::StoreOptions options_on(const tests::TempDir& dir, tests::LossyDisk& disk) {
    storage::StoreOptions options;
    options.data_dir = dir / "data";
    options.reserve_bytes = 1 << 20;
    options.file_system_for_tests = disk.env();
    return options;
}

}  // namespace

TEST_CASE("after a failed sync nothing is acknowledged any more, even when the disk works again") {
    const tests::TempDir dir;
    tests::LossyDisk disk;
    auto store = storage::Store::open(options_on(dir, disk));
    tests::commit_sample(*store, 0);
    disk.fail_sync(3);
    tests::commit_sample(*store, 1);
    tests::commit_sample(*store, 2);
    CHECK_THROWS_AS(tests::commit_sample(*store, 3), storage::StorageFailure);
    disk.fail_sync(0);
    CHECK_THROWS_AS(tests::commit_sample(*store, 3), storage::StorageFailure);
    CHECK_THROWS_AS(tests::samples_in(*store), storage::StorageFailure);
}

TEST_CASE("after a failed write nothing is acknowledged any more, and what was is there after a restart") {
    const tests::TempDir dir;
    tests::LossyDisk disk;
    {
        auto store = storage::Store::open(options_on(dir, disk));
        tests::commit_sample(*store, 0);
        tests::commit_sample(*store, 1);
        disk.fail_append(1);
        CHECK_THROWS_AS(tests::commit_sample(*store, 2), storage::StorageFailure);
        disk.fail_append(0);
        CHECK_THROWS_AS(tests::commit_sample(*store, 2), storage::StorageFailure);
    }
    auto store = storage::Store::open(options_on(dir, disk));
    CHECK(tests::samples_in(*store) >= 2);
}
