#pragma once
// What is known of the index of names without reading: what was read, and every change since reads are under way, so
// that an answer that is older than a change does not undo it. Absence is known too.
//
// Owned by the state of a shard. Bounded; lookups only, its order never reaches an output.

#include "server/core/identity.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace baton::core {

class NameCache {
public:
    /// Null: not known. Else the record, or that there is none.
    const std::optional<NameRecord>* find(const Name& name) const;
    /// The index was changed.
    void changed(const Name& name, std::optional<NameRecord> record);
    /// A read begins; what it finds goes to learn() with this number, then end() is called.
    std::uint64_t begin();
    void learn(const Name& name, std::uint64_t begun, std::optional<NameRecord> record);
    void end(std::uint64_t begun);
    /// True when the name was not changed since that begin().
    bool holds(const Name& name, std::uint64_t begun) const;
    /// Marks the name as being read; false when it was already.
    bool ask(const Name& name);
    std::size_t size() const { return known_.size(); }

private:
    struct Known {
        std::optional<NameRecord> record;
        /// Number of the last change, or of the look at which it was learnt.
        std::uint64_t at = 0;
    };
    void put(const Name& name, std::optional<NameRecord>&& record);
    void shrink();

    std::unordered_map<Name, Known, NameHash> known_;
    std::set<Name> asked_;
    /// In the order of their numbers; an entry is old when its name has a newer one.
    std::deque<std::pair<std::uint64_t, Name>> order_;
    std::set<std::uint64_t> open_;
    std::uint64_t version_ = 0;
};

}  // namespace baton::core
