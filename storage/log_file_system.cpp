#include "storage/log_file_system.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace baton::storage {

namespace {

class SizedLogFiles final : public rocksdb::FileSystemWrapper {
public:
    using FileSystemWrapper::FileSystemWrapper;

    const char* Name() const override { return "BatonSizedLogFiles"; }

    rocksdb::FileOptions OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                             const rocksdb::DBOptions& db_options) const override {
        rocksdb::FileOptions log = target()->OptimizeForLogWrite(options, db_options);
        log.fallocate_with_keep_size = false;
        return log;
    }
};

}  // namespace

std::unique_ptr<rocksdb::Env> sized_log_files(rocksdb::Env& base) {
    return rocksdb::NewCompositeEnv(std::make_shared<SizedLogFiles>(base.GetFileSystem()));
}

}  // namespace baton::storage
