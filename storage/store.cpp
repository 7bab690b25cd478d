#include "storage/store.hpp"

#include "storage/backup.hpp"
#include "storage/byte_order.hpp"
#include "storage/commit_record.hpp"
#include "storage/damage.hpp"
#include "storage/data_dir.hpp"
#include "storage/high_water_mark.hpp"
#include "storage/keys.hpp"
#include "storage/log_file_system.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/record_codec.hpp"
#include "storage/rocks_options.hpp"
#include "storage/slices.hpp"
#include "storage/space_reserve.hpp"
#include "storage/startup_ranges.hpp"
#include "storage/store_examination.hpp"
#include "storage/synced_file.hpp"
#include "storage/wal_scan.hpp"
#include "storage/write_batch.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

namespace baton::storage {

namespace {

/// RocksDB counts what a thread does unless told not to, thread by thread.
void stop_counting() {
    thread_local bool counting = true;
    if (counting) {
        rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
        counting = false;
    }
}

}  // namespace

class Store::Impl {
public:
    explicit Impl(const StoreOptions& given) : options(given), dir(given.data_dir, given.virtual_clock) { open(); }
    ~Impl() { close(); }

    void open();
    void check_log_before_open();
    void check_mark();
    void check_identity();
    void load(const std::function<void(core::Mutation&&)>& each);
    void load_namespace(core::NamespaceId ns, const std::function<void(core::Mutation&&)>& each);
    void commit(std::span<const core::Mutation> mutations, core::TimeMs now, bool sync);
    BackupResult backup(const std::string& directory);
    void close();
    void refuse_when_failed() const {
        if (failed->load()) {
            throw StorageFailure("the storage has failed: nothing more is written or read");
        }
        if (!db) {
            throw StorageFailure("the storage is closed");
        }
    }
    void check(const rocksdb::Status& status, const char* what) {
        if (!status.ok()) {
            failed->store(true);
            throw StorageFailure(fmt::format("{}: {}", what, status.ToString()));
        }
    }

    StoreOptions options;
    DataDir dir;
    std::shared_ptr<std::atomic<bool>> failed = std::make_shared<std::atomic<bool>>(false);
    std::unique_ptr<HighWaterMark> mark;
    std::unique_ptr<SpaceReserve> reserve;
    std::unique_ptr<rocksdb::Env> env;
    std::unique_ptr<rocksdb::DB> db;
    rocksdb::WriteBatch batch;
    std::atomic<std::uint64_t> commit_seq{0};
    std::uint64_t synced_seq = 0;
    std::uint64_t epoch = 0;
    std::atomic<core::TimeMs> last_time{0};
    std::mutex space_mutex;
};

void Store::Impl::check_log_before_open() {
    try {
        admit_restored(dir.path());
    } catch (const std::runtime_error& failure) {
        throw OpenError(OpenFault::corrupt, failure.what());
    }
    const WalScan scan = scan_wal(dir.database());
    if (scan.damaged && !options.accept_data_loss) {
        throw OpenError(
            OpenFault::corrupt,
            "the write-ahead log is damaged: " + scan.location +
                "; acknowledged commits follow it. Restore a backup, or start with --accept-data-loss to go "
                "on with what comes before");
    }
}

void Store::Impl::check_identity() {
    std::string stored;
    const rocksdb::Status status = db->Get(rocksdb::ReadOptions(), slice(identity_key()), &stored);
    if (status.IsNotFound()) {
        rocksdb::WriteOptions write;
        write.sync = true;
        const rocksdb::Status put = db->Put(write, slice(identity_key()), dir.uuid());
        if (!put.ok()) {
            throw OpenError(OpenFault::io, "cannot write to the database: " + put.ToString());
        }
    } else if (!status.ok() || stored != dir.uuid()) {
        throw OpenError(OpenFault::corrupt, "the database in " + dir.database() + " belongs to another data directory");
    }
}

void Store::Impl::check_mark() {
    const std::uint64_t wanted = mark->at_start();
    if (commit_seq < wanted && !options.accept_data_loss) {
        throw OpenError(
            OpenFault::commits_missing,
            fmt::format("{} acknowledged commits are missing: the database ends at commit {}, and commit {} "
                        "was acknowledged. Restore a backup, or start with --accept-data-loss",
                        wanted - commit_seq, commit_seq.load(), wanted));
    }
    commit_seq = std::max<std::uint64_t>(commit_seq, wanted);
}

void Store::Impl::open() {
    try {
        check_log_before_open();
        mark = std::make_unique<HighWaterMark>(dir.mark());
        reserve = std::make_unique<SpaceReserve>(dir.reserve(), options.reserve_bytes);
    } catch (const OpenError&) {
        throw;
    } catch (const std::runtime_error& failure) {
        throw OpenError(OpenFault::io, failure.what());
    }
    auto* const files = static_cast<rocksdb::Env*>(options.file_system_for_tests);
    env = sized_log_files(files != nullptr ? *files : *rocksdb::Env::Default());
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(rocks_options(options, *env, failed), dir.database(), &opened);
    if (!status.ok()) {
        const OpenFault fault = status.IsCorruption() ? OpenFault::corrupt
                                : status.IsNoSpace()  ? OpenFault::no_space
                                                      : OpenFault::io;
        throw OpenError(fault, "cannot open the database: " + status.ToString());
    }
    db.reset(opened);
    sync_path(dir.path());
    check_identity();
    std::string stored;
    const rocksdb::Status last = db->Get(rocksdb::ReadOptions(), slice(commit_key()), &stored);
    if (last.ok()) {
        const auto commit = decode_commit_record(stored);
        if (!commit) {
            throw OpenError(OpenFault::corrupt, "the commit record does not match its checksum");
        }
        commit_seq = commit->commit_seq;
        epoch = commit->epoch;
        last_time = commit->time;
    } else if (!last.IsNotFound()) {
        throw OpenError(OpenFault::io, "cannot read the commit record: " + last.ToString());
    }
    check_mark();
    // Everything recovered was rewritten to synced files by the open (rule R4).
    synced_seq = commit_seq;
    epoch += 1;
    commit({}, last_time, true);
    mark->start();
}

void Store::Impl::load_namespace(core::NamespaceId ns, const std::function<void(core::Mutation&&)>& each) {
    for (const KeyRange& records : small_records_ranges(ns)) {
        RangeIterator range(*db, records);
        for (range.at->Seek(slice(range.bounds.begin)); range.at->Valid(); range.at->Next()) {
            const auto key = parse_key(view(range.at->key()));
            if (!key) {
                throw Damage(describe_key(view(range.at->key())));
            }
            if (auto record = decode_record(*key, view(range.at->value()))) {
                each(std::move(*record));
            }
        }
        check(range.at->status(), "cannot read the records");
    }
}

void Store::Impl::load(const std::function<void(core::Mutation&&)>& each) {
    std::string stored;
    const rocksdb::Status shard = db->Get(rocksdb::ReadOptions(), slice(shard_key()), &stored);
    if (!shard.IsNotFound()) {
        check(shard, "cannot read the shard's counters");
        each(*decode_record(*parse_key(shard_key().view()), stored));
    }
    std::vector<core::NamespaceId> spaces;
    RangeIterator range(*db, {namespace_key(core::NamespaceId{0}), shard_key()});
    for (range.at->Seek(slice(range.bounds.begin)); range.at->Valid(); range.at->Next()) {
        const auto key = parse_key(view(range.at->key()));
        if (key && key->kind == KeyKind::name_space) {
            each(*decode_record(*key, view(range.at->value())));
            spaces.push_back(key->ns);
        }
    }
    check(range.at->status(), "cannot read the namespaces");
    for (const core::NamespaceId ns : spaces) {
        load_namespace(ns, each);
    }
}

void Store::Impl::commit(std::span<const core::Mutation> mutations, core::TimeMs now, bool sync) {
    refuse_when_failed();
    stop_counting();
    const std::uint64_t seq = commit_seq + 1;
    batch.Clear();
    fill_batch({seq, synced_seq, epoch, now}, mutations, batch, db.get());
    rocksdb::WriteOptions write;
    write.sync = sync;
    check(db->Write(write, &batch), "cannot write a commit");
    refuse_when_failed();
    commit_seq = seq;
    last_time = now;
    if (sync) {
        synced_seq = seq;
        mark->advance(seq);
        if (mark->failed()) {
            failed->store(true);
            refuse_when_failed();
        }
    }
}

BackupResult Store::Impl::backup(const std::string& directory) {
    refuse_when_failed();
    if (std::filesystem::exists(directory)) {
        throw std::runtime_error(directory + " exists: a backup goes into a new directory");
    }
    std::filesystem::create_directories(directory);
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(db.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    const std::uint64_t at_least = commit_seq;
    if (status.ok()) {
        status = checkpoint->CreateCheckpoint(directory + "/db");
    }
    if (!status.ok()) {
        throw std::runtime_error("cannot make a checkpoint: " + status.ToString());
    }
    write_synced_file(directory + "/FORMAT", read_file(dir.path() + "/FORMAT"));
    return seal_backup(directory, at_least);
}

void Store::Impl::close() {
    if (db) {
        if (!failed->load()) {
            db->SyncWAL();
            db->Close();
        }
        db.reset();
    }
    mark.reset();
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

std::unique_ptr<Store> Store::open(const StoreOptions& options) {
    stop_counting();
    return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(options)));
}

StoreStatus Store::status() const { return {impl_->commit_seq, impl_->epoch, impl_->last_time}; }

void Store::load(const std::function<void(core::Mutation&&)>& each) {
    try {
        impl_->load(each);
    } catch (const Damage& damage) {
        throw OpenError(OpenFault::corrupt, std::string("a stored record is damaged: ") + damage.what());
    }
}

void Store::commit(std::span<const core::Mutation> mutations, core::TimeMs now, bool sync) {
    impl_->commit(mutations, now, sync);
}

core::ReadAnswer Store::read(const core::ReadRequest& request) {
    impl_->refuse_when_failed();
    stop_counting();
    try {
        core::ReadAnswer answer;
        answer.ticket = request.ticket;
        std::visit([&](const auto& what) { answer.found = read_stored(*impl_->db, what); }, request.what);
        return answer;
    } catch (const StorageFailure&) {
        impl_->failed->store(true);
        throw;
    } catch (const Damage& damage) {
        impl_->failed->store(true);
        throw StorageFailure(std::string("stored data is damaged: ") + damage.what());
    }
}

SpaceState Store::space() {
    const std::lock_guard lock(impl_->space_mutex);
    return impl_->reserve->look();
}

Diagnosis Store::examine(const Examination& wanted) {
    impl_->refuse_when_failed();
    stop_counting();
    return examine_store(*impl_->db, wanted);
}

BackupResult Store::backup(const std::string& directory) { return impl_->backup(directory); }

void Store::close() { impl_->close(); }

}  // namespace baton::storage
