#pragma once
// What tells the groups of a queue apart: the name that messages carry, and a hash of it that keys and memory go by.

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace baton::core {

/// 128 bits of hash, so that no two names in use share one; all zero = no group. Groups take turns in this order, which
/// says nothing about their names. On disk: how it comes from the name must not change.
struct GroupId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    bool any() const { return high != 0 || low != 0; }
    auto operator<=>(const GroupId&) const = default;
};

GroupId group_id_of(std::string_view name);

struct GroupName {
    GroupId id;
    /// UTF-8, 1 to 255 bytes.
    std::string name;
};
using GroupPtr = std::shared_ptr<const GroupName>;

/// Null for the empty name.
GroupPtr make_group(std::string_view name);
/// Two groups, or two absences of one, are the same.
inline bool same_group(const GroupPtr& a, const GroupPtr& b) { return a == b || (a && b && a->id == b->id); }

}  // namespace baton::core
