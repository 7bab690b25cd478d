#include "storage/wal_scan.hpp"

#include "storage/byte_order.hpp"
#include "storage/commit_record.hpp"
#include "storage/crc32c.hpp"
#include "storage/keys.hpp"
#include "storage/synced_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>

namespace baton::storage {

namespace {

// RocksDB's log format: blocks of 32 KiB; each record has a 7-byte head (masked CRC-32C, length, type).
constexpr std::size_t block_bytes = 32 * 1024;
constexpr std::size_t head_bytes = 7;
enum RecordType : std::uint8_t { zero = 0, full = 1, first = 2, middle = 3, last = 4 };
// A WriteBatch begins with sequence and count; a put is 1, key and value, each with a varint length.
constexpr std::size_t batch_head_bytes = 12;
constexpr std::size_t count_at = 8;
constexpr char put_tag = 1;

std::uint32_t unmasked(std::uint32_t masked) {
    const std::uint32_t rotated = masked - 0xA282EAD8U;
    return (rotated >> 17) | (rotated << 15);
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

/// Judges the sequence of commits over all files: which breaks lost a commit that a later one knows as synced.
class CommitTrail {
public:
    explicit CommitTrail(WalScan& out) : out_(out) {}

    void broken(const std::string& file, std::size_t at) {
        if (!break_) {
            break_ = Break{file, fmt::format("{} at byte {}", file, at), out_.last_commit_seq, 0};
        }
    }

    /// A complete batch that begins at `at`; `opening`: nothing but its commit record, as written by Store::open.
    void complete(const CommitRecord& commit, bool opening, const std::string& file, std::size_t at) {
        if (opening && break_ && break_->file != file) {
            // An open judges and flushes what it recovers, then begins a new log: older ones matter no more.
            break_.reset();
        } else if (!opening && !break_ && out_.last_commit_seq != 0 && commit.commit_seq != out_.last_commit_seq + 1) {
            broken(file, at);
        }
        if (break_ && break_->seq_before != 0 && commit.commit_seq == break_->seq_before + 1) {
            break_.reset();
        }
        if (break_ && !out_.damaged) {
            if (break_->first_missing == 0) {
                // With no commit before the break, all that is known is that the one before this is gone.
                break_->first_missing = break_->seq_before != 0 ? break_->seq_before + 1
                                                                : std::max<std::uint64_t>(commit.commit_seq, 2) - 1;
            }
            if (commit.synced_seq >= break_->first_missing) {
                out_.damaged = true;
                out_.location = fmt::format("{}, behind commit {}", break_->where, break_->first_missing - 1);
            }
        }
        out_.last_commit_seq = std::max(out_.last_commit_seq, commit.commit_seq);
    }

    bool whole() const { return !break_; }

private:
    struct Break {
        std::string file;
        std::string where;
        std::uint64_t seq_before = 0;
        std::uint64_t first_missing = 0;
    };
    WalScan& out_;
    std::optional<Break> break_;
};

/// Walks one file's records. Behind an invalid one it looks for the next valid record at every byte of the block: a
/// flipped bit in a length must not hide the batches that follow it.
class FileScan {
public:
    FileScan(std::string_view bytes, std::string name, CommitTrail& trail)
        : bytes_(bytes), name_(std::move(name)), trail_(trail) {}

    /// Returns how many bytes lie behind the last intact batch and are not zeros.
    std::size_t run() {
        while (pos_ + head_bytes <= bytes_.size()) {
            const std::size_t left = block_bytes - pos_ % block_bytes;
            if (left < head_bytes) {
                pos_ += left;
            } else if (const auto payload = record_at(pos_)) {
                const auto type = static_cast<std::uint8_t>(bytes_[pos_ + 6]);
                const std::size_t begin = pos_;
                pos_ += head_bytes + payload->size();
                take(type, *payload, begin);
            } else {
                broken(pos_);
                pos_ = next_record(pos_ + 1, std::min(pos_ + left, bytes_.size()));
            }
        }
        if (pos_ < bytes_.size() || in_batch_) {
            broken(std::min(pos_, bytes_.size()));
        }
        const std::string_view tail = bytes_.substr(intact_end_);
        return tail.size() - static_cast<std::size_t>(std::count(tail.begin(), tail.end(), '\0'));
    }

private:
    std::optional<std::string_view> record_at(std::size_t pos) const {
        const std::size_t left = block_bytes - pos % block_bytes;
        const auto length = get_little_endian<std::uint16_t>(bytes_.data() + pos + 4);
        const auto type = static_cast<std::uint8_t>(bytes_[pos + 6]);
        if (type == zero || type > last || head_bytes + length > left || pos + head_bytes + length > bytes_.size()) {
            return std::nullopt;
        }
        const auto stored = unmasked(get_little_endian<std::uint32_t>(bytes_.data() + pos));
        if (crc32c(bytes_.substr(pos + 6, 1U + length)) != stored) {
            return std::nullopt;
        }
        return bytes_.substr(pos + head_bytes, length);
    }

    std::size_t next_record(std::size_t from, std::size_t end) const {
        for (std::size_t pos = from; pos + head_bytes <= end; ++pos) {
            if (record_at(pos)) {
                return pos;
            }
        }
        return end;
    }

    void take(std::uint8_t type, std::string_view payload, std::size_t begin) {
        const bool begins = type == full || type == first;
        if (begins == in_batch_) {
            broken(begin);
        }
        if (begins) {
            in_batch_ = true;
            batch_at_ = begin;
        } else if (!in_batch_) {
            return;  // The rest of a batch whose start was lost.
        }
        // Only the start of a batch is looked into; the rest need not be kept.
        batch_.append(batch_.size() < 256 ? payload : std::string_view());
        if (type == full || type == last) {
            if (const auto commit = commit_of(batch_)) {
                const bool opening = get_little_endian<std::uint32_t>(batch_.data() + count_at) == 1;
                trail_.complete(*commit, opening, name_, batch_at_);
            }
            forget_batch();
            intact_end_ = pos_;
        }
    }

    void forget_batch() {
        in_batch_ = false;
        batch_.clear();
    }

    void broken(std::size_t at) {
        forget_batch();
        trail_.broken(name_, at);
    }

    std::string_view bytes_;
    std::string name_;
    CommitTrail& trail_;
    std::size_t pos_ = 0;
    std::size_t batch_at_ = 0;
    std::size_t intact_end_ = 0;
    // Apart from batch_: a batch may begin with an empty record, where a block has room for a record's head alone.
    bool in_batch_ = false;
    std::string batch_;
};

/// The log files by number, which is the order of their commits.
std::map<std::uint64_t, std::filesystem::path> logs_in(const std::string& directory) {
    std::map<std::uint64_t, std::filesystem::path> logs;
    if (!std::filesystem::exists(directory)) {
        return logs;
    }
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const std::string stem = entry.path().stem().string();
        const bool numbered =
            !stem.empty() && stem.size() < 20 &&
            std::all_of(stem.begin(), stem.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
        if (entry.path().extension() == ".log" && numbered) {
            logs.emplace(std::stoull(stem), entry.path());
        }
    }
    return logs;
}

}  // namespace

WalScan scan_wal(const std::string& directory) {
    WalScan scan;
    CommitTrail trail(scan);
    for (const auto& [number, path] : logs_in(directory)) {
        const std::string bytes = read_file(path.string());
        const std::size_t behind = FileScan(bytes, path.filename().string(), trail).run();
        scan.torn_bytes = trail.whole() ? 0 : behind;
    }
    return scan;
}

}  // namespace baton::storage
