#include "storage/synced_file.hpp"
#include "storage/wal_scan.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace baton;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t commits = 60;

storage::StoreOptions options_for(const std::string& data_dir) {
    storage::StoreOptions options;
    options.data_dir = data_dir;
    options.reserve_bytes = 1 << 20;
    return options;
}

fs::path log_in(const std::string& data_dir) {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(data_dir + "/db")) {
        if (entry.path().extension() == ".log" && entry.path() > newest) {
            newest = entry.path();
        }
    }
    return newest;
}

/// A data directory as kill -9 leaves it, made once: the copy is taken while the store is open.
class KilledStore {
public:
    KilledStore() {
        auto store = storage::Store::open(options_for(dir_ / "live"));
        for (std::uint64_t n = 0; n < commits; ++n) {
            tests::commit_sample(*store, n);
        }
        fs::copy(dir_ / "live", image(), fs::copy_options::recursive);
        fs::remove(image() + "/MARK");  // The mark is looked at by a test of its own.
        log_ = storage::read_file(log_in(image()).string());
        log_.resize(log_.find_last_not_of('\0') + 1);
    }

    std::string image() const { return dir_ / "image"; }
    const std::string& log() const { return log_; }
    /// A fresh copy of the image with this log.
    std::string with_log(const std::string& log) {
        const std::string copy = dir_ / "copy";
        fs::remove_all(copy);
        fs::copy(image(), copy, fs::copy_options::recursive);
        std::ofstream(log_in(copy), std::ios::binary | std::ios::trunc) << log;
        return copy;
    }

private:
    tests::TempDir dir_;
    std::string log_;
};

enum class Outcome { prefix, refused, silent_loss };

Outcome outcome_of(const std::string& data_dir, bool loss_allowed) {
    try {
        auto store = storage::Store::open(options_for(data_dir));
        const std::int64_t found = tests::samples_in(*store);
        return found == static_cast<std::int64_t>(commits) || (loss_allowed && found >= 0) ? Outcome::prefix
                                                                                           : Outcome::silent_loss;
    } catch (const storage::OpenError& error) {
        CHECK_THAT(error.what(), Catch::Contains(".log at byte") || Catch::Contains("database"));
        return Outcome::refused;
    }
}

std::size_t tail_bytes() {
    const char* wanted = std::getenv("BATON_WAL_TAIL");
    return wanted != nullptr ? static_cast<std::size_t>(std::atol(wanted)) : 512;
}

}  // namespace

TEST_CASE("a log cut at any byte of its tail opens with a prefix of the commits") {
    KilledStore killed;
    const std::string& log = killed.log();
    std::int64_t before = static_cast<std::int64_t>(commits) + 1;
    const std::size_t tail = std::min(tail_bytes(), log.size());
    for (std::size_t cut = log.size(); cut + tail > log.size() && cut > 0; --cut) {
        const std::string copy = killed.with_log(log.substr(0, cut));
        auto store = storage::Store::open(options_for(copy));
        const std::int64_t found = tests::samples_in(*store);
        REQUIRE(found >= 0);
        REQUIRE(found <= before);
        before = found;
    }
    CHECK(before < static_cast<std::int64_t>(commits));
}

TEST_CASE("a tail of zeros, ones or noise is a torn tail") {
    KilledStore killed;
    for (const char fill : {'\0', '\xFF', '\x5A'}) {
        std::string log = killed.log();
        log += std::string(4'096, fill);
        CHECK(outcome_of(killed.with_log(log), false) == Outcome::prefix);
    }
}

TEST_CASE("a flipped bit before the last commits is refused with its place, never a silent loss") {
    KilledStore killed;
    const std::string& log = killed.log();
    // The last two batches are not known as synced by any later one: a flip there is a torn tail.
    const std::size_t last = log.size() - log.size() / commits * 3;
    int refused = 0, looked = 0;
    for (std::size_t at = 0; at < last; at += 97) {
        std::string flipped = log;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        const Outcome outcome = outcome_of(killed.with_log(flipped), false);
        REQUIRE(outcome != Outcome::silent_loss);
        refused += outcome == Outcome::refused ? 1 : 0;
        ++looked;
    }
    CHECK(refused == looked);
}

TEST_CASE("--accept-data-loss opens a damaged log with what comes before") {
    KilledStore killed;
    std::string flipped = killed.log();
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    auto options = options_for(killed.with_log(flipped));
    CHECK_THROWS_AS(storage::Store::open(options), storage::OpenError);
    options.accept_data_loss = true;
    const std::int64_t found = tests::samples_in(*storage::Store::open(options));
    CHECK(found > 0);
    CHECK(found < static_cast<std::int64_t>(commits));
}

TEST_CASE("a log cut at a record boundary is caught by the high-water mark") {
    const tests::TempDir dir;
    {
        auto store = storage::Store::open(options_for(dir / "live"));
        for (std::uint64_t n = 0; n < commits; ++n) {
            tests::commit_sample(*store, n);
        }
        store.reset();  // Writes the mark and gives the lock back.
        store = storage::Store::open(options_for(dir / "live"));
        tests::commit_sample(*store, commits);
        fs::copy(dir / "live", dir / "copy", fs::copy_options::recursive);
    }
    fs::copy_file(dir / "live/MARK", dir / "copy/MARK", fs::copy_options::overwrite_existing);
    std::ofstream(log_in(dir / "copy"), std::ios::binary | std::ios::trunc).flush();
    try {
        storage::Store::open(options_for(dir / "copy"));
        FAIL("a store that lost acknowledged commits was opened");
    } catch (const storage::OpenError& error) {
        CHECK(error.fault() == storage::OpenFault::commits_missing);
    }
}
