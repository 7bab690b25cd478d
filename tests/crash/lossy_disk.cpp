#include "tests/crash/lossy_disk.hpp"

#include <filesystem>
#include <utility>

namespace baton::tests {

namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class LossyFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    LossyFile(std::unique_ptr<FSWritableFile> file, std::string name, std::shared_ptr<LossyDisk::Ledger> ledger,
              LossyDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)),
          name_(std::move(name)),
          ledger_(std::move(ledger)),
          disk_(disk),
          is_log_(name_.ends_with(".log")) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
        if (is_log_ && LossyDisk::fails(disk_.appends_left_)) {
            return IOStatus::IOError("append refused by the test");
        }
        written_ += data.size();
        return FSWritableFileOwnerWrapper::Append(data, options, context);
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    IODebugContext* context) override {
        return Append(data, options, context);
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* context) override { return synced(options, context); }
    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return synced(options, context); }

private:
    IOStatus synced(const IOOptions& options, IODebugContext* context) {
        if (is_log_ && LossyDisk::fails(disk_.syncs_left_)) {
            return IOStatus::IOError("sync refused by the test");
        }
        const IOStatus status = FSWritableFileOwnerWrapper::Fsync(options, context);
        if (status.ok()) {
            const std::scoped_lock lock(ledger_->mutex);
            ledger_->synced[name_] = written_;
        }
        return status;
    }

    std::string name_;
    std::shared_ptr<LossyDisk::Ledger> ledger_;
    LossyDisk& disk_;
    bool is_log_;
    std::uint64_t written_ = 0;
};

class LossyFileSystem final : public rocksdb::FileSystemWrapper {
public:
    LossyFileSystem(std::shared_ptr<LossyDisk::Ledger> ledger, LossyDisk& disk)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), ledger_(std::move(ledger)), disk_(disk) {}

    const char* Name() const override { return "LossyFileSystem"; }
    IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<FSWritableFile>* result, IODebugContext* context) override {
        const IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, context);
        if (status.ok()) {
            const std::scoped_lock lock(ledger_->mutex);
            ledger_->synced[name] = 0;
            *result = std::make_unique<LossyFile>(std::move(*result), name, ledger_, disk_);
        }
        return status;
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        IODebugContext* context) override {
        const std::scoped_lock lock(ledger_->mutex);
        if (const auto known = ledger_->synced.extract(from); !known.empty()) {
            ledger_->synced[to] = known.mapped();
        }
        return FileSystemWrapper::RenameFile(from, to, options, context);
    }
    IOStatus DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) override {
        const std::scoped_lock lock(ledger_->mutex);
        ledger_->synced.erase(name);
        return FileSystemWrapper::DeleteFile(name, options, context);
    }

private:
    std::shared_ptr<LossyDisk::Ledger> ledger_;
    LossyDisk& disk_;
};

}  // namespace

LossyDisk::LossyDisk() : env_(rocksdb::NewCompositeEnv(std::make_shared<LossyFileSystem>(ledger_, *this))) {}

bool LossyDisk::fails(std::atomic<std::int64_t>& left) {
    const std::int64_t now = left.load();
    if (now == 0) {
        return false;
    }
    if (now > 1) {
        left.store(now - 1);
        return false;
    }
    return true;  // Stays at 1: the disk does not heal by itself.
}

void LossyDisk::cut_power() {
    const std::scoped_lock lock(ledger_->mutex);
    for (const auto& [name, bytes] : ledger_->synced) {
        if (std::filesystem::exists(name) && std::filesystem::file_size(name) > bytes) {
            std::filesystem::resize_file(name, bytes);
        }
    }
    ledger_->synced.clear();
}

}  // namespace baton::tests
