// Logs made record by record, so that each rule of the scan meets the one case it is for. What real logs look like
// after cuts and flips is tested in tests/crash.
#include "storage/wal_scan.hpp"

#include "storage/byte_order.hpp"
#include "storage/crc32c.hpp"
#include "storage/write_batch.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>
#include <vector>

using namespace baton;
using storage::CommitRecord;

namespace {

constexpr char whole = 1, first = 2, last = 4;

std::string framed(const std::string& batch, char type = whole) {
    std::string record(7, '\0');
    const std::string checked = std::string(1, type) + batch;
    const std::uint32_t crc = storage::crc32c(checked);
    storage::put_little_endian(record.data(), ((crc >> 15) | (crc << 17)) + 0xA282EAD8U);
    storage::put_little_endian(record.data() + 4, static_cast<std::uint16_t>(batch.size()));
    return record.replace(6, 1, checked);
}

/// A commit as the committer writes it; without a mutation it is what Store::open writes.
std::string commit(std::uint64_t seq, std::uint64_t synced, bool opening = false) {
    std::vector<core::Mutation> mutations;
    if (!opening) {
        mutations.push_back(tests::sample_chunk(seq));
    }
    rocksdb::WriteBatch batch;
    storage::fill_batch(CommitRecord{seq, synced, 1, 0}, mutations, batch);
    return framed(batch.Data());
}

std::string flipped(std::string record) {
    record[record.size() / 2] = static_cast<char>(record[record.size() / 2] ^ 1);
    return record;
}

class Logs {
public:
    void add(const std::string& bytes) {
        std::ofstream(dir_ / ("00000" + std::to_string(next_++) + ".log"), std::ios::binary) << bytes;
    }
    storage::WalScan scan() const { return storage::scan_wal(dir_.path().string()); }

private:
    tests::TempDir dir_;
    int next_ = 1;
};

storage::WalScan scan_of(const std::string& bytes) {
    Logs logs;
    logs.add(bytes);
    return logs.scan();
}

}  // namespace

TEST_CASE("the checksum is CRC-32C") {
    CHECK(storage::crc32c("123456789") == 0xE3069283);
    CHECK(storage::crc32c("") == 0);
}

TEST_CASE("a whole log is neither torn nor damaged") {
    const storage::WalScan scan = scan_of(commit(1, 0) + commit(2, 1) + commit(3, 2) + std::string(100, '\0'));
    CHECK(scan.last_commit_seq == 3);
    CHECK_FALSE(scan.damaged);
    CHECK(scan.torn_bytes == 0);
}

TEST_CASE("an invalid commit that a later one of the same block knows as synced is damage, with its place") {
    const std::string before = commit(1, 0);
    const storage::WalScan scan = scan_of(before + flipped(commit(2, 1)) + commit(3, 2));
    CHECK(scan.damaged);
    CHECK(scan.location == "000001.log at byte " + std::to_string(before.size()) + ", behind commit 1");
}

TEST_CASE("a spoilt length does not hide the commits behind it") {
    std::string spoilt = commit(2, 1);
    spoilt[4] = static_cast<char>(spoilt[4] ^ 0x10);
    CHECK(scan_of(commit(1, 0) + spoilt + commit(3, 2)).damaged);
}

TEST_CASE("a commit whose first record is empty, for a block had room for its head alone, is whole") {
    const std::string before = commit(1, 0);
    const std::string filler = framed(std::string(32 * 1024 - 7 - 7 - before.size(), 'x'));
    const std::string batch = commit(2, 1).substr(7);
    const storage::WalScan scan = scan_of(before + filler + framed("", first) + framed(batch, last) + commit(3, 2));
    CHECK_FALSE(scan.damaged);
    CHECK(scan.last_commit_seq == 3);
    CHECK(scan.torn_bytes == 0);
}

TEST_CASE("the last commit, torn, was never acknowledged") {
    const storage::WalScan scan = scan_of(commit(1, 0) + commit(2, 1).substr(0, 30));
    CHECK_FALSE(scan.damaged);
    CHECK(scan.last_commit_seq == 1);
    CHECK(scan.torn_bytes > 0);
}

TEST_CASE("with os durability a torn commit may have later ones behind it that were not synced either") {
    const std::string start = commit(5, 4) + flipped(commit(6, 5));
    CHECK_FALSE(scan_of(start + commit(7, 5) + commit(8, 5)).damaged);
    CHECK(scan_of(start + commit(7, 5) + commit(8, 7)).damaged);
}

TEST_CASE("damage at the end of one log shows by the commits of the next") {
    Logs logs;
    logs.add(commit(1, 0) + flipped(commit(2, 1)));
    logs.add(commit(3, 2));
    CHECK(logs.scan().damaged);
}

TEST_CASE("a log that is missing between two others is damage") {
    Logs logs;
    logs.add(commit(1, 0));
    logs.add(commit(3, 2));
    const storage::WalScan scan = logs.scan();
    CHECK(scan.damaged);
    CHECK(scan.location == "000002.log at byte 0, behind commit 1");
}

TEST_CASE("a torn log that an earlier start has already dealt with is no damage") {
    Logs logs;
    logs.add(commit(1, 0) + commit(2, 1).substr(0, 30));
    logs.add(commit(2, 1, true) + commit(3, 2) + commit(4, 3));
    const storage::WalScan scan = logs.scan();
    CHECK_FALSE(scan.damaged);
    CHECK(scan.last_commit_seq == 4);
    CHECK(scan.torn_bytes == 0);
}

TEST_CASE("damage before every intact commit is seen too") {
    CHECK(scan_of(flipped(commit(7, 6)) + commit(8, 7)).damaged);
    CHECK(scan_of(flipped(commit(1, 0)) + commit(2, 1, true) + commit(3, 2)).damaged);
}
