#pragma once
// The examination of a whole store. Included by the sources of storage only.

#include "storage/doctor.hpp"

#include <rocksdb/db.h>

namespace baton::storage {

/// Throws StorageFailure.
Diagnosis examine_store(rocksdb::DB& db, const Examination& wanted);

}  // namespace baton::storage
