#include "storage/backup.hpp"

#include "storage/synced_file.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

namespace baton::storage {

namespace {

constexpr const char* digest_name = "DIGEST";

std::uint64_t digest_of(const std::filesystem::path& file) {
    const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), &XXH3_freeState);
    XXH3_64bits_reset(state.get());
    std::ifstream in(file, std::ios::binary);
    std::array<char, 64 * 1024> block;
    while (in.read(block.data(), block.size()) || in.gcount() > 0) {
        XXH3_64bits_update(state.get(), block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) {
        throw_system_error("cannot read " + file.string());
    }
    return XXH3_64bits_digest(state.get());
}

std::vector<std::filesystem::path> files_below(const std::string& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        // The lock of the directory is no part of the copy; whoever opens it makes one.
        const bool own = entry.path().filename() == digest_name || entry.path() == directory + "/LOCK";
        if (entry.is_regular_file() && !own) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string total_line(const std::string& lines, std::uint64_t commit_seq) {
    return fmt::format("total {:016x} commit {}", XXH3_64bits(lines.data(), lines.size()), commit_seq);
}

}  // namespace

BackupResult seal_backup(const std::string& directory, std::uint64_t commit_seq) {
    BackupResult result;
    result.commit_seq = commit_seq;
    std::string lines;
    for (const auto& file : files_below(directory)) {
        sync_path(file.string());
        const std::uint64_t bytes = std::filesystem::file_size(file);
        lines +=
            fmt::format("{:016x} {} {}\n", digest_of(file), bytes, std::filesystem::relative(file, directory).string());
        result.bytes += bytes;
    }
    result.digest = fmt::format("{:016x}", XXH3_64bits(lines.data(), lines.size()));
    write_synced_file(directory + "/" + digest_name, lines + total_line(lines, commit_seq) + "\n");
    sync_path(directory + "/db");
    sync_path(directory);
    sync_path(std::filesystem::absolute(directory).parent_path().string());
    return result;
}

BackupResult verify_backup(const std::string& directory) {
    std::istringstream in(read_file(directory + "/" + digest_name));
    std::string line, lines;
    BackupResult result;
    std::set<std::string> listed;
    while (std::getline(in, line) && !line.starts_with("total ")) {
        std::istringstream fields(line);
        std::string sum, name;
        std::uint64_t bytes = 0;
        fields >> sum >> bytes;
        std::getline(fields >> std::ws, name);
        const std::filesystem::path file = std::filesystem::path(directory) / name;
        if (!std::filesystem::is_regular_file(file) || std::filesystem::file_size(file) != bytes ||
            fmt::format("{:016x}", digest_of(file)) != sum) {
            throw std::runtime_error("the backup is not what was written: " + file.string() + " differs");
        }
        lines += line + "\n";
        result.bytes += bytes;
        listed.insert(file.lexically_normal().string());
    }
    const auto commit_at = line.rfind(' ');
    result.commit_seq = commit_at == std::string::npos ? 0 : std::strtoull(line.c_str() + commit_at, nullptr, 10);
    if (lines.empty() || line != total_line(lines, result.commit_seq)) {
        throw std::runtime_error("the backup is not what was written: " + directory + "/DIGEST is missing or cut");
    }
    for (const auto& file : files_below(directory)) {
        if (!listed.contains(file.lexically_normal().string())) {
            throw std::runtime_error("the backup is not what was written: " + file.string() + " was added");
        }
    }
    result.digest = fmt::format("{:016x}", XXH3_64bits(lines.data(), lines.size()));
    return result;
}

void admit_restored(const std::string& directory) {
    const std::string digest = directory + "/" + digest_name;
    if (std::filesystem::exists(digest)) {
        verify_backup(directory);
        std::filesystem::remove(digest);
        sync_path(directory);
    }
}

}  // namespace baton::storage
