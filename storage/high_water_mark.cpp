#include "storage/high_water_mark.hpp"

#include "storage/byte_order.hpp"
#include "storage/checksums.hpp"
#include "storage/store.hpp"
#include "storage/synced_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>

namespace baton::storage {

namespace {

constexpr std::size_t mark_slot_bytes = 512;
constexpr std::uint64_t seed = 0x4D41524B;
constexpr std::chrono::milliseconds pause(100);

struct Slot {
    std::uint64_t commit_seq = 0;
    /// Holds something that is not a mark.
    bool damaged = false;
};

Slot read_slot(int file, std::uint64_t slot) {
    char bytes[16] = {};
    if (::pread(file, bytes, sizeof bytes, static_cast<off_t>(slot * mark_slot_bytes)) < 0) {
        throw_system_error("cannot read the high-water mark");
    }
    const std::string_view all(bytes, sizeof bytes);
    if (all.find_first_not_of('\0') == std::string_view::npos) {
        return {};
    }
    const bool intact = get_little_endian<std::uint64_t>(bytes + 8) == checksum(all.substr(0, 8), seed);
    return {intact ? get_little_endian<std::uint64_t>(bytes) : 0, !intact};
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
    const Slot first = read_slot(file_, 0), second = read_slot(file_, 1);
    at_start_ = std::max(first.commit_seq, second.commit_seq);
    slot_ = first.commit_seq > second.commit_seq ? 1 : 0;
    // A power cut can spoil the slot being written, never both.
    if (at_start_ == 0 && (first.damaged || second.damaged)) {
        ::close(file_);
        throw OpenError(OpenFault::corrupt, "the high-water mark " + path +
                                                " is damaged, so lost commits would go unseen; remove it to go on");
    }
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
    char bytes[mark_slot_bytes] = {};
    put_little_endian(bytes, commit_seq);
    put_little_endian(bytes + 8, checksum({bytes, 8}, seed));
    const auto at = static_cast<off_t>(slot_ * mark_slot_bytes);
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
