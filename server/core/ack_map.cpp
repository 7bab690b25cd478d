#include "server/core/ack_map.hpp"

#include "server/core/planted_bug.hpp"

#include <algorithm>
#include <bit>

namespace baton::core {

namespace {

/// Bits [begin, end) of one word, end at most 64.
std::uint64_t mask(std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t upper = end >= 64 ? ~0ULL : (1ULL << end) - 1;
    return upper & ~((1ULL << begin) - 1);
}

template <typename Each>
void for_each_word(std::uint64_t begin, std::uint64_t end, Each&& each) {
    for (std::uint64_t word = begin / 64; word * 64 < end; ++word) {
        const std::uint64_t from = std::max(begin, word * 64) - word * 64;
        const std::uint64_t to = std::min(end - word * 64, std::uint64_t{64});
        each(word, mask(from, to));
    }
}

}  // namespace

bool AckMap::page_is_full(std::uint64_t page) const {
    auto run = full_.upper_bound(page);
    return run != full_.begin() && std::prev(run)->second > page;
}

bool AckMap::test(Offset offset) const {
    if (offset < low_) {
        return true;
    }
    const std::uint64_t page = page_of(offset);
    if (const auto found = pages_.find(page); found != pages_.end()) {
        const std::uint64_t bit = offset % page_size;
        return (found->second[bit / 64] >> (bit % 64) & 1) != 0;
    }
    return page_is_full(page);
}

void AckMap::add_full_pages(std::uint64_t first, std::uint64_t count) {
    std::uint64_t begin = first, end = first + count;
    auto run = full_.upper_bound(begin);
    if (run != full_.begin() && std::prev(run)->second >= begin) {
        --run;
        begin = run->first;
    }
    while (run != full_.end() && run->first <= end) {
        end = std::max(end, run->second);
        run = full_.erase(run);
    }
    full_[begin] = end;
}

std::uint64_t AckMap::set_in_page(std::uint64_t page, std::uint64_t begin, std::uint64_t end) {
    if (page_is_full(page)) {
        return 0;
    }
    auto [found, fresh] = pages_.try_emplace(page);
    if (fresh) {
        found->second.fill(0);
        // Offsets below low are done: the page is whole when all the others are.
        if (page == page_of(low_)) {
            for_each_word(0, low_ % page_size, [&](std::uint64_t w, std::uint64_t m) { found->second[w] |= m; });
        }
    }
    std::uint64_t added = 0;
    for_each_word(begin, end, [&](std::uint64_t w, std::uint64_t m) {
        added += static_cast<std::uint64_t>(std::popcount(m & ~found->second[w]));
        found->second[w] |= m;
    });
    changed_.insert(page);
    const bool full = std::all_of(found->second.begin(), found->second.end(), [](auto word) { return word == ~0ULL; });
    if (full) {
        pages_.erase(found);
        add_full_pages(page, 1);
    }
    return added;
}

std::uint64_t AckMap::set_range(Offset first, std::uint64_t count) {
    if (planted(PlantedBug::page_edge_ack_lost) && count > 0 && (first + count) % page_size == 0) {
        --count;
    }
    const Offset end = first + count;
    first = std::max(first, low_);
    if (first >= end) {
        return 0;
    }
    if (first == low_ && pages_.empty() && full_.empty()) {
        low_ = end;  // The everyday case: acked in order, nothing to remember.
        return end - first;
    }
    std::uint64_t added = 0;
    Offset at = first;
    while (at < end) {
        const std::uint64_t page = page_of(at);
        const Offset page_end = (page + 1) << page_bits;
        const std::uint64_t whole_pages = at % page_size == 0 ? (end - at) >> page_bits : 0;
        if (whole_pages > 0) {
            added += (whole_pages << page_bits) - count_set(at, whole_pages << page_bits);
            for (auto p = pages_.lower_bound(page); p != pages_.end() && p->first < page + whole_pages;) {
                changed_.insert(p->first);
                p = pages_.erase(p);
            }
            add_full_pages(page, whole_pages);
            at += whole_pages << page_bits;
            continue;
        }
        const Offset stop = std::min(end, page_end);
        added += set_in_page(page, at % page_size, (stop - 1) % page_size + 1);
        at = stop;
    }
    bits_set_ += added;
    advance();
    return added;
}

void AckMap::advance() {
    const Offset before = low_;
    low_ = next_clear(low_);
    if (low_ == before) {
        return;
    }
    bits_set_ -= low_ - before;
    const std::uint64_t page = page_of(low_);
    while (!pages_.empty() && pages_.begin()->first < page) {
        changed_.insert(pages_.begin()->first);
        pages_.erase(pages_.begin());
    }
    while (!full_.empty() && full_.begin()->second <= page) {
        full_.erase(full_.begin());
    }
    changed_.insert(page);
    if (bits_set_ == 0) {
        pages_.erase(page);
    }
}

Offset AckMap::next_clear(Offset from) const {
    from = std::max(from, low_);
    while (true) {
        const std::uint64_t page = page_of(from);
        auto run = full_.upper_bound(page);
        if (run != full_.begin() && std::prev(run)->second > page) {
            from = std::prev(run)->second << page_bits;
            continue;
        }
        const auto found = pages_.find(page);
        if (found == pages_.end()) {
            return from;
        }
        const std::uint64_t bit = from % page_size;
        for (std::uint64_t word = bit / 64; word < found->second.size(); ++word) {
            const std::uint64_t clear = ~found->second[word] & (word == bit / 64 ? ~0ULL << (bit % 64) : ~0ULL);
            if (clear != 0) {
                return (page << page_bits) + word * 64 + static_cast<std::uint64_t>(std::countr_zero(clear));
            }
        }
        from = (page + 1) << page_bits;
    }
}

std::uint64_t AckMap::count_in_page(std::uint64_t page, std::uint64_t begin, std::uint64_t end) const {
    if (page_is_full(page)) {
        return end - begin;
    }
    const auto found = pages_.find(page);
    if (found == pages_.end()) {
        return 0;
    }
    std::uint64_t n = 0;
    for_each_word(begin, end, [&](std::uint64_t w, std::uint64_t m) {
        n += static_cast<std::uint64_t>(std::popcount(found->second[w] & m));
    });
    return n;
}

std::uint64_t AckMap::count_set(Offset first, std::uint64_t count) const {
    const Offset end = first + count;
    std::uint64_t n = 0;
    if (first < low_) {
        n = std::min(end, low_) - first;
        first = std::min(end, low_);
    }
    if (pages_.empty() && full_.empty()) {
        return n;
    }
    while (first < end) {
        const std::uint64_t page = page_of(first);
        const Offset stop = std::min(end, (page + 1) << page_bits);
        n += count_in_page(page, first % page_size, (stop - 1) % page_size + 1);
        first = stop;
    }
    return n;
}

void AckMap::reset(Offset low) {
    changed_.insert(stored_.begin(), stored_.end());
    pages_.clear();
    full_.clear();
    low_ = low;
    bits_set_ = 0;
}

void AckMap::append_changes(NamespaceId ns, QueueId id, std::vector<Mutation>& out) {
    for (const std::uint64_t page : changed_) {
        const auto found = pages_.find(page);
        if (found != pages_.end() && page != page_of(low_)) {
            out.push_back(PutAckPage{ns, id, page, {found->second.begin(), found->second.end()}});
            stored_.insert(page);
        } else if (stored_.erase(page) != 0) {
            out.push_back(RemoveAckPage{ns, id, page});
        }
    }
    changed_.clear();
}

void AckMap::fill(PutQueueState& record) const {
    record.low = low_;
    record.bits_set = bits_set_;
    for (const auto& [first, end] : full_) {
        record.full_pages.emplace_back(first, end - first);
    }
    if (const auto found = pages_.find(page_of(low_)); found != pages_.end() && bits_set_ > 0) {
        record.low_page.assign(found->second.begin(), found->second.end());
    }
}

void AckMap::restore(const PutQueueState& record) {
    low_ = record.low;
    bits_set_ = record.bits_set;
    for (const auto& [first, count] : record.full_pages) {
        full_[first] = first + count;
    }
    if (record.low_page.size() == page_size / 64) {
        std::copy(record.low_page.begin(), record.low_page.end(), pages_[page_of(low_)].begin());
    }
}

void AckMap::restore(const PutAckPage& record) {
    stored_.insert(record.page);
    if (record.words.size() == page_size / 64) {
        std::copy(record.words.begin(), record.words.end(), pages_[record.page].begin());
    }
}

}  // namespace baton::core
