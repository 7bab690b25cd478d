#include "storage/rocks_options.hpp"

#include "storage/insert_hints.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

namespace baton::storage {

namespace {

/// Any hard error ends the store; RocksDB must not repair itself and go on with a hole (rule R3).
class StopAtError final : public rocksdb::EventListener {
public:
    explicit StopAtError(std::shared_ptr<std::atomic<bool>> failed) : failed_(std::move(failed)) {}

    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
        *auto_recovery = false;
    }
    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
        if (error->severity() >= rocksdb::Status::Severity::kHardError) {
            failed_->store(true);
        }
    }

private:
    std::shared_ptr<std::atomic<bool>> failed_;
};

}  // namespace

rocksdb::Options rocks_options(const StoreOptions& options, rocksdb::Env& env,
                               std::shared_ptr<std::atomic<bool>> failed) {
    rocksdb::Options rocks;
    rocks.env = &env;
    rocks.create_if_missing = true;
    rocks.paranoid_checks = true;
    rocks.max_bgerror_resume_count = 0;
    rocks.listeners.push_back(std::make_shared<StopAtError>(std::move(failed)));
    // What survived only in the page cache is rewritten to a synced file before service (rule R4).
    rocks.avoid_flush_during_recovery = false;
    // The scan before the open has told a torn tail from damage; what is left is a prefix.
    rocks.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    rocks.write_buffer_size = options.write_buffer_bytes;
    rocks.max_write_buffer_number = 3;
    rocks.max_total_wal_size = 128ULL << 20;
    rocks.max_background_jobs = 2;
    rocks.bytes_per_sync = 1 << 20;
    rocks.keep_log_file_num = 4;
    rocks.max_log_file_size = 4 << 20;
    rocks.stats_dump_period_sec = 0;
    rocks.stats_persist_period_sec = 0;
    rocks.compression = rocksdb::kNoCompression;
    rocks.level_compaction_dynamic_level_bytes = true;
    rocks.memtable_protection_bytes_per_key = 0;
    rocks.memtable_insert_with_hint_prefix_extractor = insert_hints();
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
    table.checksum = rocksdb::kXXH3;
    table.format_version = 5;
    table.cache_index_and_filter_blocks = true;
    rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return rocks;
}

}  // namespace baton::storage
