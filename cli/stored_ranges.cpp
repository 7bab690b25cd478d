#include "cli/stored_ranges.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace baton::cli {

namespace {

constexpr std::size_t ranges_in_a_line = 8;

}  // namespace

void StoredRanges::add(const BatchReceipt& receipt) {
    if (receipt.accepted == 0) {
        return;
    }
    queue_id_ = receipt.queue_id;
    const std::uint64_t last = receipt.first_offset + receipt.accepted - 1;
    if (!ranges_.empty() && ranges_.back().second + 1 == receipt.first_offset) {
        ranges_.back().second = last;
    } else {
        ranges_.emplace_back(receipt.first_offset, last);
    }
}

std::string StoredRanges::text() const {
    std::string out;
    for (std::size_t i = 0; i < std::min(ranges_.size(), ranges_in_a_line); ++i) {
        const auto& [first, last] = ranges_[i];
        out += out.empty() ? "" : ", ";
        out += first == last ? fmt::format("{}-{}", queue_id_, first)
                             : fmt::format("{0}-{1} to {0}-{2}", queue_id_, first, last);
    }
    return ranges_.size() <= ranges_in_a_line
               ? out
               : out + fmt::format(" and {} further ranges", ranges_.size() - ranges_in_a_line);
}

boost::json::array StoredRanges::json() const {
    boost::json::array out;
    for (const auto& [first, last] : ranges_) {
        out.push_back(
            {{"first", MessageId{queue_id_, first}.to_string()}, {"last", MessageId{queue_id_, last}.to_string()}});
    }
    return out;
}

}  // namespace baton::cli
