#pragma once
// Requests about single messages, from the public values.

#include "baton/job.hpp"

#include <string>

namespace baton::v1 {
class ChangeJob;
}

namespace baton::detail {

void to_proto(const std::string& queue, const JobName& job, const JobChange& change, v1::ChangeJob& out);

}  // namespace baton::detail
