#pragma once
// Where the messages of a produce were stored, as ranges of ids: batches of other producers may lie between.

#include "baton/producer.hpp"

#include <boost/json/array.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace baton::cli {

class StoredRanges {
public:
    void add(const BatchReceipt& receipt);
    bool empty() const { return ranges_.empty(); }
    /// "3-0 to 3-9, 3-12"; what is too much for a line is left out.
    std::string text() const;
    /// Of each range the first and the last id.
    boost::json::array json() const;

private:
    std::uint64_t queue_id_ = 0;
    /// First and last offset, in the order of the answers.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_;
};

}  // namespace baton::cli
