#pragma once
// Messages that a request of many names by the ids that their producers gave them. A plain value.

#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct OwnIds {
    /// Those that were not looked up yet.
    std::vector<std::string> ids;
    /// Which messages the others are. Empty when the request enters, as is `refused`.
    std::vector<std::pair<Offset, std::string>> found;
    std::vector<std::pair<std::string, Refusal>> refused;

    std::size_t size() const { return ids.size() + found.size() + refused.size(); }
};

}  // namespace baton::core
