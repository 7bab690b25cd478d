#include "client/settle_queue.hpp"

#include "client/wire_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::detail {

namespace {

constexpr std::size_t settlements_max = 1'000;
constexpr std::size_t ranges_max = 50'000;
constexpr std::size_t ranges_per_settlement_max = 20'000;
/// Of reasons, stacks and results: a request is at most 1 MiB.
constexpr std::size_t text_bytes_max = 512 * 1024;
/// How far back a settle looks for one to join: interleaved deliveries are few.
constexpr std::size_t look_back = 8;

std::string encode_action(const SettleAction& action) {
    std::string out;
    switch (action.kind) {
        case SettleAction::Kind::ack:
            if (action.result) {
                std::string result;
                put_bytes_field(result, 1, action.result->content_type);
                put_bytes_field(result, 2, action.result->value);
                put_bytes_field(out, 1, result);
            }
            break;
        case SettleAction::Kind::started:
            break;
        case SettleAction::Kind::fail:
            if (!action.reason.empty()) {
                put_bytes_field(out, 1, action.reason);
            }
            if (action.terminal) {
                put_varint_field(out, 2, 1);
            }
            if (action.retry_after_ms) {
                put_varint_field(out, 3, *action.retry_after_ms);
            }
            if (!action.error_class.empty()) {
                put_bytes_field(out, 30, action.error_class);
            }
            if (!action.stack.empty()) {
                put_bytes_field(out, 31, action.stack);
            }
            break;
        case SettleAction::Kind::release:
        case SettleAction::Kind::extend:
        case SettleAction::Kind::penalise:
            if (action.time_ms != 0) {
                put_varint_field(out, 1, action.time_ms);
            }
            if (action.group) {
                put_varint_field(out, 70, 1);
            }
            break;
    }
    return out;
}

std::size_t text_bytes(const SettleAction& action) {
    return action.reason.size() + action.error_class.size() + action.stack.size() +
           (action.result ? action.result->value.size() + action.result->content_type.size() : 0);
}

std::string encode_token(const Token& token) {
    std::string out;
    put_varint_field(out, 1, token.epoch);
    put_fixed64_field(out, 2, token.queue_id);
    put_varint_field(out, 3, token.batch);
    return out;
}

}  // namespace

bool SettleQueue::add(DeliveredFramePtr frame, std::vector<OffsetRange>&& ranges, const SettleAction& action,
                      SettleCallback callback) {
    if (ranges.empty()) {
        return false;
    }
    std::vector<SettleTicket> tickets;
    if (callback) {
        tickets.push_back({ranges, std::move(callback)});
    }
    std::size_t looked = 0;
    for (auto last = waiting_.rbegin(); last != waiting_.rend() && looked < look_back; ++last, ++looked) {
        if (last->frame != frame || last->action != action || last->ranges.size() >= ranges_per_settlement_max) {
            continue;
        }
        if (ranges.size() == 1 && last->ranges.back().first + last->ranges.back().count == ranges[0].first) {
            last->ranges.back().count += ranges[0].count;
        } else {
            last->ranges.insert(last->ranges.end(), ranges.begin(), ranges.end());
        }
        std::move(tickets.begin(), tickets.end(), std::back_inserter(last->tickets));
        last->calls += 1;
        return true;
    }
    waiting_.push_back({std::move(frame), std::move(ranges), action, std::move(tickets)});
    return true;
}

std::vector<Settlement> SettleQueue::take() {
    std::vector<Settlement> taken;
    std::size_t ranges = 0, bytes = 0;
    while (!waiting_.empty() && taken.size() < settlements_max) {
        merge_ranges(waiting_.front().ranges);
        ranges += waiting_.front().ranges.size();
        bytes += text_bytes(waiting_.front().action);
        if (!taken.empty() && (ranges > ranges_max || bytes > text_bytes_max)) {
            break;
        }
        taken.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return taken;
}

void SettleQueue::put_back(std::vector<Settlement>&& taken) {
    waiting_.insert(waiting_.begin(), std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
}

void merge_ranges(std::vector<OffsetRange>& ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const OffsetRange& a, const OffsetRange& b) { return a.first < b.first; });
    std::size_t kept = 0;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        OffsetRange& last = ranges[kept];
        const std::uint64_t last_end = last.first + last.count;
        if (ranges[i].first <= last_end) {
            const std::uint64_t end = std::max(last_end, ranges[i].first + ranges[i].count);
            last.count = static_cast<std::uint32_t>(end - last.first);
        } else {
            ranges[++kept] = ranges[i];
        }
    }
    ranges.resize(std::min(ranges.size(), kept + 1));
}

std::string encode_settlements(std::span<const Settlement> settlements) {
    std::string out;
    for (const Settlement& settlement : settlements) {
        std::string fields;
        put_bytes_field(fields, 1, encode_token(settlement.frame->token));
        for (const OffsetRange& range : settlement.ranges) {
            std::string encoded;
            put_varint_field(encoded, 1, range.first);
            put_varint_field(encoded, 2, range.count);
            put_bytes_field(fields, 2, encoded);
        }
        put_bytes_field(fields, static_cast<std::uint32_t>(settlement.action.kind), encode_action(settlement.action));
        put_bytes_field(out, 1, fields);
    }
    return out;
}

std::vector<OffsetRange> overlap(std::span<const OffsetRange> ranges, OffsetRange refused) {
    std::vector<OffsetRange> common;
    for (const OffsetRange& range : ranges) {
        const std::uint64_t first = std::max(range.first, refused.first);
        const std::uint64_t end = std::min(range.first + range.count, refused.first + refused.count);
        if (first < end) {
            common.push_back({first, static_cast<std::uint32_t>(end - first)});
        }
    }
    return common;
}

}  // namespace baton::detail
