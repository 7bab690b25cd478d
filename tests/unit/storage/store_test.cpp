#include "storage/store.hpp"

#include "storage/synced_file.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <optional>

using namespace baton;
using storage::OpenFault;
using storage::Store;

namespace {

std::optional<OpenFault> fault_of(const storage::StoreOptions& options) {
    try {
        Store::open(options);
        return std::nullopt;
    } catch (const storage::OpenError& error) {
        return error.fault();
    }
}

}  // namespace

TEST_CASE("what was committed is there after a restart, and the epoch rises") {
    const tests::TempDir dir;
    std::uint64_t first_epoch = 0;
    {
        auto store = Store::open(tests::options_in(dir));
        first_epoch = store->status().epoch;
        for (std::uint64_t n = 0; n < 5; ++n) {
            tests::commit_sample(*store, n);
        }
        store->close();
    }
    auto store = Store::open(tests::options_in(dir));
    CHECK(store->status().epoch == first_epoch + 1);
    CHECK(store->status().last_time == 1'004);
    CHECK(tests::samples_in(*store) == 5);
}

TEST_CASE("a second store in the same directory is refused as locked") {
    const tests::TempDir dir;
    const auto store = Store::open(tests::options_in(dir));
    CHECK(fault_of(tests::options_in(dir)) == OpenFault::locked);
}

TEST_CASE("a directory of a newer format is refused, unharmed") {
    const tests::TempDir dir;
    Store::open(tests::options_in(dir))->close();
    const std::string file = dir / "data/FORMAT";
    const std::string text = storage::read_file(file);
    std::ofstream(file) << "baton-data 2 0123\n";
    CHECK(fault_of(tests::options_in(dir)) == OpenFault::newer_format);
    std::ofstream(file) << text << "requires flying-messages\n";
    CHECK(fault_of(tests::options_in(dir)) == OpenFault::newer_format);
    std::ofstream(file) << text << "a line of another kind\n";
    CHECK(fault_of(tests::options_in(dir)) == OpenFault::corrupt);
    std::ofstream(file) << text << "requires\n";
    CHECK_FALSE(fault_of(tests::options_in(dir)));
    std::ofstream(file) << text;
    CHECK_FALSE(fault_of(tests::options_in(dir)));
}

TEST_CASE("a directory keeps the kind of clock it was made with") {
    const tests::TempDir real_dir, virtual_dir;
    auto with_virtual = tests::options_in(virtual_dir);
    with_virtual.virtual_clock = true;
    Store::open(tests::options_in(real_dir))->close();
    Store::open(with_virtual)->close();
    CHECK_FALSE(fault_of(tests::options_in(real_dir)));
    CHECK_FALSE(fault_of(with_virtual));
    CHECK(fault_of(tests::options_in(virtual_dir)) == OpenFault::clock_mismatch);
    auto moved = tests::options_in(real_dir);
    moved.virtual_clock = true;
    CHECK(fault_of(moved) == OpenFault::clock_mismatch);
    CHECK_FALSE(fault_of(tests::options_in(real_dir)));
}

TEST_CASE("a database of another data directory is refused") {
    const tests::TempDir dir, other;
    Store::open(tests::options_in(dir))->close();
    Store::open(tests::options_in(other))->close();
    std::filesystem::remove_all(dir / "data/db");
    std::filesystem::copy(other / "data/db", dir / "data/db", std::filesystem::copy_options::recursive);
    CHECK(fault_of(tests::options_in(dir)) == OpenFault::corrupt);
}

TEST_CASE("an older copy of the database is refused: acknowledged commits are missing") {
    const tests::TempDir dir;
    {
        auto store = Store::open(tests::options_in(dir));
        tests::commit_sample(*store, 0);
        store->close();
    }
    std::filesystem::copy(dir / "data/db", dir / "older", std::filesystem::copy_options::recursive);
    {
        auto store = Store::open(tests::options_in(dir));
        for (std::uint64_t n = 1; n < 9; ++n) {
            tests::commit_sample(*store, n);
        }
        store->close();
    }
    std::filesystem::remove_all(dir / "data/db");
    std::filesystem::rename(dir / "older", dir / "data/db");
    CHECK(fault_of(tests::options_in(dir)) == OpenFault::commits_missing);
    auto accepting = tests::options_in(dir);
    accepting.accept_data_loss = true;
    CHECK(tests::samples_in(*Store::open(accepting)) == 1);
}

TEST_CASE("lane records are read in order of their due time, page by page") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    std::vector<core::Mutation> mutations;
    for (std::uint64_t n = 0; n < 10; ++n) {
        core::PutLaneRecord put{tests::sample_ns, tests::sample_queue, core::Lane::timed, 0, {}};
        put.record.offset = n;
        put.record.at = 100 - static_cast<core::TimeMs>(n);
        put.record.body = tests::make_entries(std::vector<std::string>{std::to_string(n)});
        mutations.push_back(put);
    }
    mutations.push_back(core::RemoveLaneRecord{tests::sample_ns, tests::sample_queue, core::Lane::timed, 0, 95, 5});
    store->commit(mutations, 1, true);
    core::ReadRequest request;
    request.what = core::ReadLane{tests::sample_ns, tests::sample_queue, core::Lane::timed, 0, 93, 0, 3, UINT64_MAX};
    const auto answer = store->read(request);
    const auto& read = std::get<core::LaneRead>(answer.found);
    REQUIRE(read.records.size() == 3);
    CHECK(read.records[0].offset == 7);
    CHECK(read.records[1].offset == 6);
    CHECK(read.records[2].offset == 4);
    CHECK_FALSE(read.at_end);
}

TEST_CASE("a read begins with the chunk that holds its offset, or the next one that is left") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    constexpr std::uint64_t chunks = 3'000;
    std::vector<core::Mutation> mutations;
    for (std::uint64_t n = 0; n < chunks; ++n) {
        mutations.push_back(tests::sample_chunk(n));
    }
    store->commit(mutations, 1, true);
    const auto first_from = [&](core::Offset from) -> std::optional<core::Offset> {
        core::ReadRequest request;
        request.what = core::ReadChunks{tests::sample_ns, tests::sample_queue, from, 1, UINT64_MAX};
        const auto answer = store->read(request);
        const auto& read = std::get<core::ChunksRead>(answer.found);
        return read.chunks.empty() ? std::nullopt : std::optional(read.chunks.front()->first);
    };
    CHECK(first_from(2'500) == 2'500);
    mutations.clear();
    for (std::uint64_t n = 0; n < 2'700; ++n) {
        mutations.push_back(core::RemoveChunk{tests::sample_ns, tests::sample_queue, n});
    }
    store->commit(mutations, 2, true);
    CHECK(first_from(0) == 2'700);
    CHECK(first_from(2'500) == 2'700);
    CHECK(first_from(chunks - 1) == chunks - 1);
    CHECK_FALSE(first_from(chunks));
}

TEST_CASE("a swept queue leaves its neighbours alone") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    tests::commit_sample(*store, 0);
    store->commit(std::vector<core::Mutation>{core::SweepQueue{tests::sample_ns, core::QueueId{2}}}, 1, true);
    CHECK(tests::samples_in(*store) == 1);
    store->commit(std::vector<core::Mutation>{core::SweepQueue{tests::sample_ns, tests::sample_queue}}, 1, true);
    CHECK(tests::samples_in(*store) == 0);
}

TEST_CASE("a backup opens elsewhere with the same content, and any change to it is found") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    for (std::uint64_t n = 0; n < 50; ++n) {
        tests::commit_sample(*store, n);
    }
    const storage::BackupResult made = store->backup(dir / "copy");
    tests::commit_sample(*store, 50);
    CHECK(storage::verify_backup(dir / "copy").digest == made.digest);
    CHECK_THROWS_WITH(store->backup(dir / "copy"), Catch::Contains("exists"));

    std::filesystem::copy(dir / "copy", dir / "restored", std::filesystem::copy_options::recursive);
    storage::StoreOptions restored;
    restored.data_dir = dir / "restored";
    CHECK(tests::samples_in(*Store::open(restored)) == 50);
    // From now on it is a data directory like any other, and changes.
    CHECK_FALSE(std::filesystem::exists(dir / "restored/DIGEST"));
    tests::commit_sample(*Store::open(restored), 50);
    CHECK(tests::samples_in(*Store::open(restored)) == 51);

    std::filesystem::copy(dir / "copy", dir / "damaged", std::filesystem::copy_options::recursive);
    std::ofstream(dir / "damaged/db/CURRENT", std::ios::binary | std::ios::app) << "x";
    restored.data_dir = dir / "damaged";
    CHECK_THROWS_WITH(Store::open(restored), Catch::Contains("CURRENT"));

    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir / "copy")) {
        if (entry.is_regular_file() && entry.file_size() > 0 && entry.path().filename() != "DIGEST") {
            const std::string bytes = storage::read_file(entry.path().string());
            std::ofstream(entry.path(), std::ios::binary) << bytes.substr(0, bytes.size() - 1);
            CHECK_THROWS_WITH(storage::verify_backup(dir / "copy"), Catch::Contains(entry.path().filename().string()));
            std::ofstream(entry.path(), std::ios::binary) << bytes;
        }
    }
    CHECK_NOTHROW(storage::verify_backup(dir / "copy"));
}

TEST_CASE("the log file has its size ahead of what is written, and zeros behind it are no damage") {
    const tests::TempDir dir, cut;
    const auto store = Store::open(tests::options_in(dir));
    const auto log_bytes = [&] {
        std::uintmax_t bytes = 0;
        for (const auto& file : std::filesystem::directory_iterator(dir / "data/db")) {
            bytes += file.path().extension() == ".log" ? file.file_size() : 0;
        }
        return bytes;
    };
    tests::commit_sample(*store, 0);
    const std::uintmax_t ahead = log_bytes();
    CHECK(ahead > 1'000'000);
    for (std::uint64_t n = 1; n < 50; ++n) {
        tests::commit_sample(*store, n);
    }
    CHECK(log_bytes() == ahead);
    // As after a crash: nobody has cut the file back to what was written.
    std::filesystem::copy(dir / "data", cut / "data", std::filesystem::copy_options::recursive);
    CHECK(tests::samples_in(*Store::open(tests::options_in(cut))) == 50);
}
