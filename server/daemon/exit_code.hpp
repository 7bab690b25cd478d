#pragma once
// Why batond ended: the table of its exit codes. Scripts and service managers rely on them: do not change these values.

namespace baton::daemon {

enum class ExitCode : int {
    /// Stopped by a signal, everything answered and flushed.
    ok = 0,
    /// An unknown option or a bad value.
    usage = 64,
    /// Stored data is damaged; the message says where.
    corrupt = 65,
    /// Acknowledged commits are missing from the data directory.
    commits_missing = 66,
    /// The system clock is far behind the data.
    clock_behind = 67,
    /// The data directory was used with the other kind of clock.
    clock_mismatch = 68,
    /// The listening address cannot be had.
    cannot_bind = 69,
    /// Something unexpected, or the stop took longer than its bound.
    internal = 70,
    /// Not enough space to start.
    no_space = 71,
    /// The data directory cannot be created or is none.
    bad_directory = 73,
    /// The disk failed; nothing unconfirmed was answered.
    storage_failed = 74,
    /// Another daemon has the data directory.
    locked = 75,
    /// The data directory was written by a newer version.
    newer_format = 76,
};

}  // namespace baton::daemon
