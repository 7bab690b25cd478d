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
/// The directory was made for a virtual clock and must never meet real time.
inline constexpr std::string_view virtual_clock_feature = "virtual-clock";
/// What a directory may require beyond its format version.
inline constexpr std::array known_features{virtual_clock_feature};

class DataDir {
public:
    /// Creates, locks and checks. A directory keeps the kind of clock that it was made with. Throws OpenError.
    DataDir(const std::string& path, bool virtual_clock);
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
    void check_format(bool virtual_clock);

    std::string path_;
    std::string uuid_;
    int lock_ = -1;
};

}  // namespace baton::storage
