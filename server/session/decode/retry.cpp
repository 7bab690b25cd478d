#include "server/session/decode/retry.hpp"

#include "proto/entry_format.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/decode/wire_types.hpp"

#include <baton/v1/message.pb.h>
#include <baton/v1/retry.pb.h>

#include <limits>
#include <utility>

namespace baton::session {

namespace {

constexpr std::uint64_t max_attempts_tag = v1::EntryOptions::kMaxAttemptsFieldNumber << 3 | wire_varint;
constexpr std::uint64_t run_limit_tag = v1::EntryOptions::kRunLimitMsFieldNumber << 3 | wire_varint;
constexpr std::uint64_t backoff_tag = v1::EntryOptions::kBackoffFieldNumber << 3 | wire_bytes;

Fault take_wait(std::uint64_t from, const std::string& field, std::int64_t& out) {
    if (auto fault = check_range(from, 0, std::numeric_limits<std::int64_t>::max(), field.c_str())) {
        return fault;
    }
    out = static_cast<std::int64_t>(from);
    return {};
}

}  // namespace

Fault decode_backoff(const v1::Backoff& from, const std::string& field, core::Backoff& out) {
    if (!v1::Backoff::Kind_IsValid(from.kind()) || from.kind() == v1::Backoff::KIND_UNSPECIFIED) {
        return invalid(field + ".kind", "is missing or unknown to this server");
    }
    out.kind = static_cast<core::Backoff::Kind>(from.kind());
    if (auto fault = take_wait(from.base_ms(), field + ".base_ms", out.base_ms)) {
        return fault;
    }
    if (auto fault = take_wait(from.cap_ms(), field + ".cap_ms", out.cap_ms)) {
        return fault;
    }
    out.jitter_permille = from.jitter_permille();
    const std::string list = field + ".list_ms";
    if (auto fault = check_range(static_cast<std::size_t>(from.list_ms_size()), 0, core::limits::backoff_steps_max,
                                 list.c_str())) {
        return fault;
    }
    for (const std::uint64_t step : from.list_ms()) {
        if (auto fault = take_wait(step, list, out.list_ms.emplace_back())) {
            return fault;
        }
    }
    return {};
}

Fault decode_retry_rules(const v1::RetryRules& from, std::vector<core::RetryRule>& out) {
    if (auto fault = check_range(static_cast<std::size_t>(from.rules_size()), 0, core::limits::retry_rules_max,
                                 "settings.retry_rules")) {
        return fault;
    }
    for (const v1::RetryRule& rule : from.rules()) {
        core::RetryRule& to = out.emplace_back();
        if (!v1::RetryRule::Action_IsValid(rule.action()) || rule.action() == v1::RetryRule::ACTION_UNSPECIFIED) {
            return invalid("settings.retry_rules.action", "is missing or unknown to this server");
        }
        to.pattern = rule.pattern();
        to.action = static_cast<core::RetryRule::Action>(rule.action());
        if (rule.has_backoff()) {
            if (auto fault = decode_backoff(rule.backoff(), "settings.retry_rules.backoff", to.backoff.emplace())) {
                return fault;
            }
        }
    }
    return {};
}

bool is_retry_option(std::uint64_t tag) {
    return tag == max_attempts_tag || tag == backoff_tag || tag == run_limit_tag;
}

Fault decode_retry_option(std::uint64_t tag, std::string_view bytes, std::size_t& pos, core::EntryOptions& out) {
    std::uint64_t number = 0;
    if (!proto::read_varint(bytes, pos, number) || (tag == backoff_tag && number > bytes.size() - pos)) {
        return malformed("cut in the options of an entry", "produce.options");
    }
    if (tag == max_attempts_tag) {
        if (auto fault = check_range(number, 1, core::limits::attempts_max, "options.max_attempts")) {
            return fault;
        }
        out.max_attempts = static_cast<std::uint32_t>(number);
        return {};
    }
    if (tag == run_limit_tag) {
        if (auto fault = check_range(number, 1, core::limits::ten_years_ms, "options.run_limit_ms")) {
            return fault;
        }
        out.run_limit_ms = static_cast<core::DurationMs>(number);
        return {};
    }
    v1::Backoff backoff;
    if (!parse_message(bytes.substr(pos, number), backoff)) {
        return malformed("the bytes are no valid backoff", "options.backoff");
    }
    pos += number;
    core::Backoff decoded;
    if (auto fault = decode_backoff(backoff, "options.backoff", decoded)) {
        return fault;
    }
    out.backoff = std::move(decoded);
    return {};
}

}  // namespace baton::session
