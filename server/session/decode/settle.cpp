#include "server/session/decode/fetch.hpp"
#include "server/session/decode/parse.hpp"

#include <baton/v1/wire.pb.h>

#include <memory>
#include <utility>

namespace baton::session {

namespace {

/// Cut at the limit, not in the middle of a UTF-8 sequence.
std::string cut(const std::string& text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return text;
    }
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, end);
}

Fault decode_fail(const v1::FailAction& from, core::Fail& out) {
    if (auto fault = check_range(from.error_class().size(), 0, core::limits::error_class_bytes_max,
                                 "settlements.fail.error_class")) {
        return fault;
    }
    if (auto fault = check_range(from.stack().size(), 0, core::limits::stack_bytes_max, "settlements.fail.stack")) {
        return fault;
    }
    out.reason = cut(from.reason(), core::limits::reason_bytes_max);
    out.terminal = from.terminal();
    out.error_class = from.error_class();
    out.stack = cut(from.stack(), core::limits::stack_bytes_kept_max);
    if (from.has_retry_after_ms()) {
        if (auto fault =
                check_range(from.retry_after_ms(), 0, core::limits::ten_years_ms, "settlements.fail.retry_after_ms")) {
            return fault;
        }
        out.retry_after_ms = static_cast<core::DurationMs>(from.retry_after_ms());
    }
    return {};
}

Fault decode_ack(const v1::AckAction& from, core::SettleAction& out) {
    core::Ack ack;
    if (from.has_result()) {
        const v1::JobResult& result = from.result();
        if (auto fault =
                check_range(result.value().size(), 0, core::limits::result_bytes_max, "settlements.ack.result.value")) {
            return fault;
        }
        if (auto fault = check_range(result.content_type().size(), 0, core::limits::content_type_bytes_max,
                                     "settlements.ack.result.content_type")) {
            return fault;
        }
        ack.result = std::make_shared<const core::JobResult>(core::JobResult{result.content_type(), result.value()});
    }
    out = std::move(ack);
    return {};
}

Fault decode_action(const v1::Settlement& from, core::SettleAction& out) {
    switch (from.action_case()) {
        case v1::Settlement::kAck:
            return decode_ack(from.ack(), out);
        case v1::Settlement::kFail:
            return decode_fail(from.fail(), out.emplace<core::Fail>());
        case v1::Settlement::kRelease:
            if (auto fault = check_range(from.release().delay_ms(), 0, core::limits::ten_years_ms,
                                         "settlements.release.delay_ms")) {
                return fault;
            }
            out = core::Release{static_cast<core::DurationMs>(from.release().delay_ms()), 0, false};
            return {};
        case v1::Settlement::kPenalise:
            if (auto fault = check_range(from.penalise().penalty_ms(), 1, core::limits::ten_years_ms,
                                         "settlements.penalise.penalty_ms")) {
                return fault;
            }
            out =
                core::Release{0, static_cast<core::DurationMs>(from.penalise().penalty_ms()), from.penalise().group()};
            return {};
        case v1::Settlement::kExtend:
            if (from.extend().lease_ms() != 0) {
                if (auto fault = check_lease(from.extend().lease_ms(), "settlements.extend.lease_ms")) {
                    return fault;
                }
            }
            out = core::Extend{from.extend().lease_ms()};
            return {};
        case v1::Settlement::kStarted:
            out = core::Started{};
            return {};
        case v1::Settlement::ACTION_NOT_SET:
            break;
    }
    return invalid("settlements.action", "is missing or unknown to this server");
}

Fault decode_settlement(const v1::Settlement& from, core::Settlement& out) {
    out.token = core::Token{from.token().epoch(), core::QueueId{from.token().queue_id()}, from.token().batch()};
    const auto ranges = static_cast<std::size_t>(from.ranges_size());
    if (auto fault = check_range(ranges, 1, core::limits::ranges_per_settlement_max, "settlements.ranges")) {
        return fault;
    }
    out.ranges.reserve(ranges);
    for (const v1::OffsetRange& range : from.ranges()) {
        if (range.count() == 0 || range.first() + range.count() < range.first()) {
            return invalid("settlements.ranges.count", "must be at least 1 and stay within 64 bits", 1);
        }
        out.ranges.push_back(core::OffsetRange{range.first(), range.count()});
    }
    return decode_action(from, out.action);
}

}  // namespace

Fault decode_settle(std::string_view body, core::RequestBody& out) {
    if (auto fault = check_range(count_field(body, v1::Settle::kSettlementsFieldNumber), 0,
                                 core::limits::settlements_max, "settle.settlements")) {
        return fault;
    }
    return decode_as<v1::Settle>(body, "settle", [&out](const v1::Settle& from) -> Fault {
        core::Settle settle;
        settle.settlements.resize(static_cast<std::size_t>(from.settlements_size()));
        for (int i = 0; i < from.settlements_size(); ++i) {
            if (auto fault = decode_settlement(from.settlements(i), settle.settlements[static_cast<std::size_t>(i)])) {
                return fault;
            }
        }
        if (from.has_fetch()) {
            if (auto fault = decode_fetch(from.fetch(), settle.fetch.emplace())) {
                return fault;
            }
        } else if (settle.settlements.empty()) {
            return invalid("settle.settlements", "settles nothing");
        }
        out = std::move(settle);
        return {};
    });
}

}  // namespace baton::session
