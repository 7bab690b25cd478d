#pragma once
// The reads that the core asks for, on an open database. May run on any thread beside the committer. They throw Damage
// when stored bytes are damaged, and StorageFailure when the database fails.

#include "server/core/read.hpp"

namespace rocksdb {
class DB;
}

namespace baton::storage {

core::ChunksRead read_stored(rocksdb::DB& db, const core::ReadChunks& wanted);
core::LaneRead read_stored(rocksdb::DB& db, const core::ReadLane& wanted);
core::LaneRead read_stored(rocksdb::DB& db, const core::ReadJobs& wanted);
core::ExpiringRead read_stored(rocksdb::DB& db, const core::ReadExpiring& wanted);
/// Nothing: zones are not stored, the engine answers it.
core::ZoneRead read_stored(rocksdb::DB& db, const core::ReadZone& wanted);
core::GroupsRead read_stored(rocksdb::DB& db, const core::ReadGroups& wanted);  // group_reads.cpp

}  // namespace baton::storage
