#include "storage/data_dir.hpp"

#include "storage/store.hpp"
#include "storage/synced_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <sstream>

namespace baton::storage {

namespace {

constexpr long nfs_magic = 0x6969;
constexpr long overlay_magic = 0x794c7630;

std::string fresh_uuid() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

}  // namespace

DataDir::DataDir(const std::string& path, bool virtual_clock) : path_(path) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error || !std::filesystem::is_directory(path_)) {
        throw OpenError(OpenFault::bad_directory, "cannot create the data directory " + path_ + ": " + error.message());
    }
    struct statfs fs {};
    if (::statfs(path_.c_str(), &fs) == 0 && (fs.f_type == nfs_magic || fs.f_type == overlay_magic)) {
        throw OpenError(OpenFault::bad_directory,
                        path_ + " is on a network or overlay file system, where a sync promises nothing: use a volume");
    }
    lock();
    try {
        check_format(virtual_clock);
    } catch (const OpenError&) {
        unlock();  // A constructor that throws has no destructor to do it.
        throw;
    } catch (const std::runtime_error& failure) {
        unlock();
        throw OpenError(OpenFault::io, failure.what());
    }
}

DataDir::~DataDir() { unlock(); }

void DataDir::unlock() {
    if (lock_ >= 0) {
        ::close(lock_);
        lock_ = -1;
    }
}

void DataDir::lock() {
    lock_ = ::open((path_ + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) {
        throw OpenError(OpenFault::bad_directory, "cannot write in the data directory " + path_);
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock_);
        lock_ = -1;
        throw OpenError(OpenFault::locked, "another batond uses the data directory " + path_);
    }
}

void DataDir::check_format(bool virtual_clock) {
    const std::string file = path_ + "/FORMAT";
    const std::string text = read_file(file);
    if (text.empty()) {
        if (std::filesystem::exists(database())) {
            throw OpenError(OpenFault::corrupt, file + " is missing, but there is a database beside it");
        }
        uuid_ = fresh_uuid();
        const std::string requires_line = virtual_clock ? fmt::format("requires {}\n", virtual_clock_feature) : "";
        write_synced_file(file, fmt::format("baton-data {} {}\n{}", format_version, uuid_, requires_line));
        return;
    }
    std::istringstream in(text);
    std::string magic, word;
    int version = 0;
    in >> magic >> version >> uuid_;
    if (magic != "baton-data" || version < 1 || uuid_.empty()) {
        throw OpenError(OpenFault::corrupt, file + " is not a format file of Baton");
    }
    if (version > format_version) {
        throw OpenError(OpenFault::newer_format,
                        fmt::format("the data directory has format {}; this batond knows formats up to {}: use the "
                                    "version that wrote it or a newer one",
                                    version, format_version));
    }
    if (in >> word && word != "requires") {
        throw OpenError(OpenFault::corrupt, file + " has a line that this batond does not understand");
    }
    bool made_virtual = false;
    while (in >> word) {
        made_virtual = made_virtual || word == virtual_clock_feature;
        if (std::find(known_features.begin(), known_features.end(), word) == known_features.end()) {
            throw OpenError(OpenFault::newer_format,
                            fmt::format("the data directory requires the feature '{}', which this batond does not "
                                        "know: use the version that wrote it or a newer one",
                                        word));
        }
    }
    if (made_virtual != virtual_clock) {
        throw OpenError(OpenFault::clock_mismatch,
                        made_virtual ? path_ +
                                           " was used with a virtual clock: start with --virtual-clock, or use "
                                           "another directory"
                                     : path_ +
                                           " was used with real time, which a virtual clock would falsify: use a "
                                           "new directory");
    }
}

}  // namespace baton::storage
