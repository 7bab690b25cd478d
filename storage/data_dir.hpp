#pragma once
// The data directory itself: made when missing, locked against a second daemon, checked for a format that this build
// knows.
//
//   <data dir>/LOCK        locked while a daemon runs
//   <data dir>/FORMAT      "baton-data <version> <uuid>", and "requires <feature> ..." when something in the directory
//                          can only be read by a build that knows the feature
//   <data dir>/MARK        the high-water mark
//   <data dir>/RESERVE     the ballast
//   <data dir>/db/         RocksDB

#include <array>
#include <string>
#include <string_view>

namespace baton::storage {

/// Raised when nothing of an older format can be read any more.
inline constexpr int format_version = 1;
/// What a directory may require beyond its format version. The first format has no such features.
inline constexpr std::array<std::string_view, 0> known_features{};

class DataDir {
public:
    /// Creates, locks and checks. Throws OpenError.
    explicit DataDir(const std::string& path);
    ~DataDir();
    DataDir(const DataDir&) = delete;
    DataDir& operator=(const DataDir&) = delete;

    const std::string& path() const { return path_; }
    std::string database() const { return path_ + "/db"; }
    std::string mark() const { return path_ + "/MARK"; }
    std::string reserve() const { return path_ + "/RESERVE"; }
    /// Names this data directory; the database in it carries the same.
    const std::string& uuid() const { return uuid_; }

private:
    void lock();
    void unlock();
    void check_format();

    std::string path_;
    std::string uuid_;
    int lock_ = -1;
};

}  // namespace baton::storage
