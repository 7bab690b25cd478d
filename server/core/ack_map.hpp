#pragma once
// The acked-or-left bits of a cursor: which messages of the log are done with. Contiguous acks collapse into `low`,
// whole pages into runs; what is left are bitmaps of 4,096 offsets, so that memory follows the disorder and not the
// backlog.
//
// Owned by one queue. Remembers which pages changed, so that a commit writes only those.

#include "server/core/ids.hpp"
#include "server/core/mutation.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace baton::core {

class AckMap {
public:
    static constexpr std::uint64_t page_bits = 12;
    static constexpr std::uint64_t page_size = 1ULL << page_bits;
    using Words = std::array<std::uint64_t, page_size / 64>;

    /// Everything below is done.
    Offset low() const { return low_; }
    /// Bits set at or above low().
    std::uint64_t bits_set() const { return bits_set_; }
    bool test(Offset offset) const;
    /// Sets [first, first + count); returns how many were not set before.
    std::uint64_t set_range(Offset first, std::uint64_t count);
    /// The first offset at or after `from` whose bit is not set.
    Offset next_clear(Offset from) const;
    /// How many bits are set in [first, first + count).
    std::uint64_t count_set(Offset first, std::uint64_t count) const;

    /// Everything below `low` is done, and nothing else.
    void reset(Offset low);

    /// Appends the pages that changed since the last call, and removes those that are no longer needed.
    void append_changes(NamespaceId ns, QueueId id, std::vector<Mutation>& out);
    /// Fills low, bits_set, full_pages and low_page.
    void fill(PutQueueState& record) const;

    void restore(const PutQueueState& record);
    void restore(const PutAckPage& record);

private:
    static std::uint64_t page_of(Offset offset) { return offset >> page_bits; }
    bool page_is_full(std::uint64_t page) const;
    std::uint64_t set_in_page(std::uint64_t page, std::uint64_t begin, std::uint64_t end);
    std::uint64_t count_in_page(std::uint64_t page, std::uint64_t begin, std::uint64_t end) const;
    void add_full_pages(std::uint64_t first, std::uint64_t count);
    void advance();

    Offset low_ = 0;
    std::uint64_t bits_set_ = 0;
    /// Pages with some bit set above low and some clear.
    std::map<std::uint64_t, Words> pages_;
    /// Runs of whole pages: first page to one behind the last.
    std::map<std::uint64_t, std::uint64_t> full_;
    std::set<std::uint64_t> changed_;
    /// Pages that have a record on disk.
    std::set<std::uint64_t> stored_;
};

}  // namespace baton::core
