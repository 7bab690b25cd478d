#include "storage/high_water_mark.hpp"

#include "storage/byte_order.hpp"
#include "storage/checksums.hpp"
#include "storage/synced_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace baton::storage {

namespace {

constexpr std::size_t slot_bytes = 512;
constexpr std::uint64_t seed = 0x4D41524B;
constexpr std::chrono::milliseconds pause(100);

std::uint64_t read_slot(int file, std::uint64_t slot) {
    char bytes[16];
    if (::pread(file, bytes, sizeof bytes, static_cast<off_t>(slot * slot_bytes)) != sizeof bytes) {
        return 0;
    }
    const bool intact = get_little_endian<std::uint64_t>(bytes + 8) == checksum({bytes, 8}, seed);
    return intact ? get_little_endian<std::uint64_t>(bytes) : 0;
}

}  // namespace

HighWaterMark::HighWaterMark(const std::string& path) {
    const bool fresh = !std::filesystem::exists(path);
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) {
        throw_system_error("cannot open " + path);
    }
    if (fresh) {
        sync_path(std::filesystem::path(path).parent_path().string());
    }
    const std::uint64_t first = read_slot(file_, 0), second = read_slot(file_, 1);
    at_start_ = std::max(first, second);
    slot_ = first > second ? 1 : 0;
    wanted_ = written_ = at_start_;
}

void HighWaterMark::start() {
    thread_ = std::thread([this] { run(); });
}

HighWaterMark::~HighWaterMark() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
    ::close(file_);
}

void HighWaterMark::advance(std::uint64_t commit_seq) {
    const std::lock_guard lock(mutex_);
    wanted_ = commit_seq;
}

bool HighWaterMark::failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
}

bool HighWaterMark::write(std::uint64_t commit_seq) {
    char bytes[slot_bytes] = {};
    put_little_endian(bytes, commit_seq);
    put_little_endian(bytes + 8, checksum({bytes, 8}, seed));
    const auto at = static_cast<off_t>(slot_ * slot_bytes);
    slot_ = 1 - slot_;
    return ::pwrite(file_, bytes, sizeof bytes, at) == sizeof bytes && ::fdatasync(file_) == 0;
}

void HighWaterMark::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait_for(lock, pause, [this] { return stop_; });
        if (wanted_ > written_) {
            const std::uint64_t target = wanted_;
            lock.unlock();
            const bool ok = write(target);
            lock.lock();
            written_ = target;
            failed_ = failed_ || !ok;
        }
        if (stop_) {
            return;
        }
    }
}

}  // namespace baton::storage
