#include "client/delivered_frame.hpp"

#include "client/proto_convert.hpp"
#include "client/receive_buffer.hpp"
#include "proto/entry_format.hpp"

#include <algorithm>
#include <cstring>

namespace baton::detail {

namespace {

constexpr std::size_t share_bytes_min = 32 * 1024;

constexpr std::uint64_t tag_of(std::uint32_t field, std::uint32_t wire_type) { return field << 3 | wire_type; }

bool read_slice(std::string_view bytes, std::size_t& pos, std::string_view& out) {
    std::uint64_t length = 0;
    if (!proto::read_varint(bytes, pos, length) || length > bytes.size() - pos) {
        return false;
    }
    out = bytes.substr(pos, length);
    pos += length;
    return true;
}

bool read_token(std::string_view body, Token& token) {
    std::size_t pos = 0;
    while (pos < body.size()) {
        std::uint64_t tag = 0;
        bool whole = proto::read_varint(body, pos, tag);
        if (whole && tag == tag_of(1, 0)) {
            whole = proto::read_varint(body, pos, token.epoch);
        } else if (whole && tag == tag_of(2, 1)) {
            whole = body.size() - pos >= 8;
            if (whole) {
                std::memcpy(&token.queue_id, body.data() + pos, 8);
                pos += 8;
            }
        } else if (whole && tag == tag_of(3, 0)) {
            whole = proto::read_varint(body, pos, token.batch);
        } else if (whole) {
            whole = proto::skip_field(body, pos, static_cast<std::uint32_t>(tag & 7));
        }
        if (!whole) {
            return false;
        }
    }
    return true;
}

bool read_run(std::string_view body, DeliveredFrame& out) {
    DeliveredFrame::Run run;
    run.from = out.count();
    std::size_t pos = 0;
    while (pos < body.size()) {
        if (static_cast<std::uint8_t>(body[pos]) == proto::entry_tag) {
            const auto used = proto::for_each_entry(body.substr(pos), [&](std::size_t, std::string_view entry) {
                out.slots.push_back({entry.data(), static_cast<std::uint32_t>(entry.size())});
            });
            if (!used) {
                return false;
            }
            pos += *used;
            continue;
        }
        std::uint64_t tag = 0, number = 0;
        bool whole = proto::read_varint(body, pos, tag);
        if (whole && tag == tag_of(1, 0)) {
            whole = proto::read_varint(body, pos, run.first_offset);
        } else if (whole && tag == tag_of(2, 0)) {
            whole = proto::read_varint(body, pos, number);
            run.stored_ms = static_cast<std::int64_t>(number);
        } else if (whole && tag == tag_of(3, 2)) {
            whole = read_slice(body, pos, run.topic);
        } else if (whole && tag == tag_of(4, 0)) {
            whole = proto::read_varint(body, pos, run.topic_offset);
        } else if (whole) {
            whole = proto::skip_field(body, pos, static_cast<std::uint32_t>(tag & 7));
        }
        if (!whole) {
            return false;
        }
    }
    run.count = out.count() - run.from;
    if (run.count != 0) {
        out.runs.push_back(run);
    }
    return true;
}

bool read_fields(std::string_view body, DeliveredFrame& out) {
    std::size_t pos = 0;
    while (pos < body.size()) {
        std::uint64_t tag = 0, number = 0;
        std::string_view slice;
        bool whole = proto::read_varint(body, pos, tag);
        if (whole && tag == tag_of(1, 0)) {
            whole = proto::read_varint(body, pos, out.consumer_id);
        } else if (whole && tag == tag_of(2, 2)) {
            whole = read_slice(body, pos, slice) && read_token(slice, out.token);
        } else if (whole && tag == tag_of(3, 0)) {
            whole = proto::read_varint(body, pos, number);
            out.lease_ms = static_cast<std::uint32_t>(number);
        } else if (whole && tag == tag_of(4, 2)) {
            whole = read_slice(body, pos, slice) && read_run(slice, out);
        } else if (whole && tag == tag_of(5, 2)) {
            whole = read_slice(body, pos, slice) && read_detail(slice, out.details.emplace_back());
        } else if (whole) {
            whole = proto::skip_field(body, pos, static_cast<std::uint32_t>(tag & 7));
        }
        if (!whole) {
            return false;
        }
    }
    return true;
}

void append(std::vector<OffsetRange>& ranges, std::uint64_t offset, std::uint32_t count) {
    if (!ranges.empty() && ranges.back().first + ranges.back().count == offset) {
        ranges.back().count += count;
    } else {
        ranges.push_back({offset, count});
    }
}

/// Calls `each(offset, count)` for the stretches of [from, from + count) that lie in one run.
template <typename Each>
void for_each_stretch(const DeliveredFrame& frame, std::uint32_t from, std::uint32_t count, Each&& each) {
    const std::uint32_t end = from + count;
    for (const DeliveredFrame::Run& run : frame.runs) {
        const std::uint32_t begin = std::max(from, run.from);
        const std::uint32_t stop = std::min(end, run.from + run.count);
        if (begin < stop) {
            each(begin, run.first_offset + (begin - run.from), stop - begin);
        }
    }
}

}  // namespace

const DeliveredFrame::Run& DeliveredFrame::run_of(std::uint32_t index) const {
    const auto after =
        std::upper_bound(runs.begin(), runs.end(), index, [](std::uint32_t i, const Run& run) { return i < run.from; });
    return *std::prev(after);
}

std::uint64_t DeliveredFrame::offset_of(std::uint32_t index) const {
    const Run& run = run_of(index);
    return run.first_offset + (index - run.from);
}

const DeliveredFrame::Detail* DeliveredFrame::detail_of(std::uint32_t index) const {
    if (details.empty()) {
        return nullptr;
    }
    const std::uint64_t offset = offset_of(index);
    const auto found = std::lower_bound(details.begin(), details.end(), offset,
                                        [](const Detail& detail, std::uint64_t o) { return detail.offset < o; });
    return found != details.end() && found->offset == offset ? &*found : nullptr;
}

std::chrono::milliseconds DeliveredFrame::lease_min() const {
    std::uint32_t least = lease_ms;
    for (const Detail& detail : details) {
        if (detail.lease_ms != 0) {
            least = std::min(least, detail.lease_ms);
        }
    }
    return std::chrono::milliseconds{least};
}

std::vector<OffsetRange> DeliveredFrame::settle(std::uint32_t from, std::uint32_t n) const {
    std::vector<OffsetRange> ranges;
    if (settled_count == 0 && n == count()) {
        settled_count = n;
        for_each_stretch(*this, from, n, [&](std::uint32_t, std::uint64_t offset, std::uint32_t length) {
            append(ranges, offset, length);
        });
        return ranges;
    }
    if (settled_count == count()) {
        return ranges;
    }
    settled.resize(count(), false);
    for_each_stretch(*this, from, n, [&](std::uint32_t begin, std::uint64_t offset, std::uint32_t length) {
        for (std::uint32_t i = 0; i < length; ++i) {
            if (!settled[begin + i]) {
                settled[begin + i] = true;
                settled_count += 1;
                append(ranges, offset + i, 1);
            }
        }
    });
    return ranges;
}

std::vector<OffsetRange> DeliveredFrame::unsettled(std::uint32_t from, std::uint32_t n) const {
    std::vector<OffsetRange> ranges;
    if (settled_count == count()) {
        return ranges;
    }
    for_each_stretch(*this, from, n, [&](std::uint32_t begin, std::uint64_t offset, std::uint32_t length) {
        for (std::uint32_t i = 0; i < length; ++i) {
            if (settled.empty() || !settled[begin + i]) {
                append(ranges, offset + i, 1);
            }
        }
    });
    return ranges;
}

std::shared_ptr<DeliveredFrame> read_delivery(std::string_view body, ReceiveBuffer& buffer) {
    auto frame = std::make_shared<DeliveredFrame>();
    if (body.size() >= share_bytes_min) {
        frame->owner = buffer.share();
    } else {
        auto copy = std::make_shared<std::string>(body);
        body = *copy;
        frame->owner = std::move(copy);
    }
    if (!read_fields(body, *frame)) {
        return nullptr;
    }
    const auto ascending = [](const DeliveredFrame::Detail& a, const DeliveredFrame::Detail& b) {
        return a.offset < b.offset;
    };
    std::sort(frame->details.begin(), frame->details.end(), ascending);
    return frame;
}

}  // namespace baton::detail
