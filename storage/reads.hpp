#pragma once
// The reads that the core asks for, on an open database. May run on any thread beside the committer. They throw Damage
// when stored bytes are damaged, and StorageFailure when the database fails.

#include "server/core/read.hpp"
#include "storage/keys.hpp"

#include <optional>

namespace rocksdb {
class DB;
class Status;
}  // namespace rocksdb

namespace baton::storage {

core::ChunksRead read_stored(rocksdb::DB& db, const core::ReadChunks& wanted);
core::LaneRead read_stored(rocksdb::DB& db, const core::ReadLane& wanted);
core::LaneRead read_stored(rocksdb::DB& db, const core::ReadJobs& wanted);
core::ExpiringRead read_stored(rocksdb::DB& db, const core::ReadExpiring& wanted);
core::NamesRead read_stored(rocksdb::DB& db, const core::ReadNames& wanted);
core::NameEndsRead read_stored(rocksdb::DB& db, const core::ReadNameEnds& wanted);
/// Nothing: zones are not stored, the engine answers it.
core::ZoneRead read_stored(rocksdb::DB& db, const core::ReadZone& wanted);
core::GroupsRead read_stored(rocksdb::DB& db, const core::ReadGroups& wanted);  // group_reads.cpp
// finished_reads.cpp
core::FinishedRead read_stored(rocksdb::DB& db, const core::ReadFinished& wanted);
core::LaneRead read_stored(rocksdb::DB& db, const core::ReadNewest& wanted);
core::EventsRead read_stored(rocksdb::DB& db, const core::ReadEvents& wanted);
// report_reads.cpp
core::ReportRead read_stored(rocksdb::DB& db, const core::ReadReport& wanted);
core::ReportedRead read_stored(rocksdb::DB& db, const core::ReadReported& wanted);
// flow_reads.cpp
core::FlowRead read_stored(rocksdb::DB& db, const core::ReadFlow& wanted);
core::FlowMembersRead read_stored(rocksdb::DB& db, const core::ReadFlowMembers& wanted);

// Shared between the files above.
/// Throws StorageFailure unless the status is good.
void check_read(const rocksdb::Status& status, const char* what);
/// The chunks of a log from the one that contains `from` on. That begins at most a chunk's length before: a search
/// backwards must not walk over all that was removed from the front of the log.
KeyRange chunks_around(core::NamespaceId ns, core::QueueId log, core::Offset from);
/// One record, when the key is there.
std::optional<core::MessageRecord> lane_record(rocksdb::DB& db, const Key& key);

}  // namespace baton::storage
