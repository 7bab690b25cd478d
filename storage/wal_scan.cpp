#include "storage/wal_scan.hpp"

#include "storage/byte_order.hpp"
#include "storage/commit_record.hpp"
#include "storage/keys.hpp"
#include "storage/synced_file.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <vector>

namespace baton::storage {

namespace {

// RocksDB's log format: blocks of 32 KiB; each record has a 7-byte head (masked CRC-32C, length, type).
constexpr std::size_t block_bytes = 32 * 1024;
constexpr std::size_t head_bytes = 7;
enum RecordType : std::uint8_t { zero = 0, full = 1, first = 2, middle = 3, last = 4 };
// A WriteBatch begins with sequence and count; a put is 1, key and value, each with a varint length.
constexpr std::size_t batch_head_bytes = 12;
constexpr char put_tag = 1;

std::uint32_t unmasked(std::uint32_t masked) {
    const std::uint32_t rotated = masked - 0xA282EAD8U;
    return (rotated >> 17) | (rotated << 15);
}

std::uint32_t crc32c(std::string_view bytes) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return static_cast<std::uint32_t>(crc.checksum());
}

/// The commit record that every batch of ours starts with.
std::optional<CommitRecord> commit_of(std::string_view batch) {
    const Key commit = commit_key();
    const std::string_view key = commit.view();
    const std::size_t value_at = batch_head_bytes + 1 + 1 + key.size() + 1;
    if (batch.size() < value_at + commit_record_bytes || batch[batch_head_bytes] != put_tag ||
        batch.substr(batch_head_bytes + 2, key.size()) != key) {
        return std::nullopt;
    }
    return decode_commit_record(batch.substr(value_at, commit_record_bytes));
}

/// Walks one file's records; behind an invalid one it looks for the next valid one byte by byte.
class FileScan {
public:
    FileScan(std::string_view bytes, const std::string& name, WalScan& out) : bytes_(bytes), name_(name), out_(out) {}

    void run() {
        while (pos_ + head_bytes <= bytes_.size()) {
            const std::size_t left = block_bytes - pos_ % block_bytes;
            if (left < head_bytes) {
                pos_ += left;
                continue;
            }
            if (!one_record(left)) {
                // A damaged head cannot be trusted to say where the next record begins: every byte may be it.
                broken();
                pos_ += 1;
            }
        }
        if (pos_ < bytes_.size() || !batch_.empty()) {
            broken();
        }
        finish();
    }

private:
    bool one_record(std::size_t left) {
        const auto length = get_little_endian<std::uint16_t>(bytes_.data() + pos_ + 4);
        const auto type = static_cast<std::uint8_t>(bytes_[pos_ + 6]);
        if (type == zero || type > last || head_bytes + length > left || pos_ + head_bytes + length > bytes_.size()) {
            return false;
        }
        const auto stored = unmasked(get_little_endian<std::uint32_t>(bytes_.data() + pos_));
        if (crc32c(bytes_.substr(pos_ + 6, 1U + length)) != stored) {
            return false;
        }
        const std::string_view payload = bytes_.substr(pos_ + head_bytes, length);
        pos_ += head_bytes + length;
        return take(type, payload);
    }

    bool take(std::uint8_t type, std::string_view payload) {
        const bool begins = type == full || type == first;
        if (begins != batch_.empty()) {
            batch_.clear();
            if (!begins) {
                return true;  // The rest of a batch whose start was lost: already counted as broken.
            }
        }
        // Only the start of a batch is looked into; the rest need not be kept.
        batch_.append(batch_.size() < 256 ? payload : std::string_view());
        if (type == full || type == last) {
            complete();
            batch_.clear();
        }
        return true;
    }

    void complete() {
        const auto commit = commit_of(batch_);
        if (!commit) {
            return;
        }
        if (broken_at_ && commit->synced_seq > seq_before_break_ && !out_.damaged) {
            out_.damaged = true;
            out_.location = fmt::format("{} at byte {}, behind commit {}", name_, *broken_at_, seq_before_break_);
        }
        out_.last_commit_seq = std::max(out_.last_commit_seq, commit->commit_seq);
    }

    void broken() {
        batch_.clear();
        if (!broken_at_) {
            broken_at_ = pos_;
            seq_before_break_ = out_.last_commit_seq;
        }
    }

    void finish() {
        if (broken_at_ && !out_.damaged) {
            const std::string_view tail = bytes_.substr(std::min(*broken_at_, bytes_.size()));
            const auto zeros = static_cast<std::size_t>(std::count(tail.begin(), tail.end(), '\0'));
            out_.torn_bytes += tail.size() - zeros;
        }
    }

    std::string_view bytes_;
    std::string name_;
    WalScan& out_;
    std::size_t pos_ = 0;
    std::string batch_;
    std::optional<std::size_t> broken_at_;
    std::uint64_t seq_before_break_ = 0;
};

}  // namespace

WalScan scan_wal(const std::string& directory) {
    std::vector<std::filesystem::path> logs;
    if (std::filesystem::exists(directory)) {
        for (const auto& entry : std::filesystem::directory_iterator(directory)) {
            const std::string stem = entry.path().stem().string();
            const bool numbered = !stem.empty() && std::all_of(stem.begin(), stem.end(),
                                                               [](unsigned char c) { return std::isdigit(c) != 0; });
            if (entry.path().extension() == ".log" && numbered) {
                logs.push_back(entry.path());
            }
        }
    }
    std::sort(logs.begin(), logs.end());
    WalScan scan;
    for (const auto& log : logs) {
        const std::string bytes = read_file(log.string());
        FileScan(bytes, log.filename().string(), scan).run();
    }
    return scan;
}

}  // namespace baton::storage
