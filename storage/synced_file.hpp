#pragma once
// Small files of our own that must survive a power cut: written, synced, and their directory synced (rule R9).

#include <stdexcept>
#include <string>

namespace baton::storage {

/// Throws std::runtime_error with the path and the system's reason.
[[noreturn]] void throw_system_error(const std::string& what);
/// The file's bytes; empty when it does not exist. Throws when it cannot be read.
std::string read_file(const std::string& path);
/// Replaces the file with `bytes`, by way of a synced neighbour and a rename.
void write_synced_file(const std::string& path, const std::string& bytes);
/// Syncs one existing file or directory.
void sync_path(const std::string& path);

}  // namespace baton::storage
