#pragma once
// What jobs say about themselves <-> bytes.

#include "server/core/job_report.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>

namespace baton::storage {

std::string encode(const core::PutProgress& record);
std::string encode(const core::PutLogPart& record);
std::string encode(const core::PutLogBounds& record);
/// Puts one record into what was read of its job.
void decode_report(const ParsedKey& key, std::string_view value, core::ReportRead& out);

}  // namespace baton::storage
