#include "cli/message_output.hpp"

#include "cli/retry_options.hpp"
#include "cli/units.hpp"
#include "proto/entry_format.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <openssl/evp.h>

#include <iostream>

namespace baton::cli {

namespace json = boost::json;

namespace {

void put_payload(json::object& out, std::string_view payload) {
    if (proto::is_utf8(payload)) {
        out["payload"] = json::string_view(payload.data(), payload.size());
    } else {
        out["payload_base64"] = base64(payload);
    }
}

json::object result_json(const JobResult& result) {
    json::object out{{"content_type", result.content_type}};
    if (proto::is_utf8(result.value)) {
        out["value"] = result.value;
    } else {
        out["value_base64"] = base64(result.value);
    }
    return out;
}

template <typename Headers>
json::object headers_json(const Headers& headers) {
    json::object out;
    for (const auto& header : headers) {
        const std::string_view value(header.value);
        out[json::string_view(header.key.data(), header.key.size())] =
            proto::is_utf8(value) ? std::string(value) : base64(value);
    }
    return out;
}

json::array attempts_json(const std::vector<Attempt>& attempts) {
    json::array out;
    for (const Attempt& attempt : attempts) {
        out.push_back(json::object{{"delivered_at", time_json(attempt.delivered_ms)},
                                   {"at", format_time(attempt.at_ms)},
                                   {"worker", attempt.worker},
                                   {"error_class", attempt.error_class},
                                   {"reason", attempt.reason},
                                   {"stack", attempt.stack}});
    }
    return out;
}

json::object origin_json(const Origin& origin) {
    return {{"queue", origin.queue},
            {"id", origin.id.to_string()},
            {"reason", origin.reason},
            {"stored_at", format_time(origin.stored_ms)},
            {"moved_at", format_time(origin.moved_ms)},
            {"deliveries", origin.deliveries},
            {"failures", origin.failures},
            {"lease_losses", origin.lease_losses},
            {"attempts", attempts_json(origin.attempts)}};
}

/// The run that completed it, and what runs said of themselves.
void put_run(json::object& out, const StoredMessage& message) {
    if (message.started_ms != 0) {
        out["started_at"] = format_time(message.started_ms);
    }
    if (!message.worker.empty()) {
        out["worker"] = message.worker;
    }
    if (message.result) {
        out["result"] = result_json(*message.result);
    }
    if (message.progress) {
        const bool text = proto::is_utf8(*message.progress);
        out[text ? "progress" : "progress_base64"] = text ? *message.progress : base64(*message.progress);
        out["progress_at"] = format_time(message.progress_ms);
    }
    if (message.log_lines != 0) {
        out["log_lines"] = message.log_lines;
    }
}

/// Its place in flows.
void put_flow(json::object& out, const StoredMessage& message) {
    if (!message.parents.empty()) {
        json::array parents;
        for (const MessageId& parent : message.parents) {
            parents.emplace_back(parent.to_string());
        }
        out["parents"] = std::move(parents);
    }
    if (message.has_children) {
        out["has_children"] = true;
    }
}

}  // namespace

json::value time_json(std::int64_t ms) { return ms == 0 ? json::value(nullptr) : json::value(format_time(ms)); }

std::string base64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int n =
        ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                          reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(n));
    return out;
}

json::object to_json(const MessageView& message) {
    json::object out{{"id", message.id().to_string()}};
    put_payload(out, message.payload());
    out["name"] = json::string_view(message.name().data(), message.name().size());
    out["headers"] = headers_json(message.headers());
    if (!message.topic().empty()) {
        out["topic"] = json::string_view(message.topic().data(), message.topic().size());
        out["topic_offset"] = message.topic_offset();
    }
    out["stored_at"] = format_time(message.stored_ms());
    out["deliveries"] = message.deliveries();
    out["failures"] = message.failures();
    out["lease_losses"] = message.lease_losses();
    out["cause"] = to_text(message.cause());
    out["priority"] = message.priority();
    if (!message.group().empty()) {
        out["group"] = json::string_view(message.group().data(), message.group().size());
    }
    if (!message.own_id().empty()) {
        out["own_id"] = message.own_id();
    }
    if (!message.dedup_id().empty()) {
        out["dedup_id"] = message.dedup_id();
    }
    if (const Origin* origin = message.origin()) {
        out["origin"] = origin_json(*origin);
    }
    if (const ScheduledRun* run = message.scheduled()) {
        out["scheduled"] = {{"schedule", run->schedule}, {"firing", format_time(run->firing_ms)}};
    }
    return out;
}

json::object to_json(const Dedup& dedup) {
    return {{"id", dedup.id},
            {"mode", to_text(dedup.mode)},
            {"ttl_ms", dedup.ttl.count()},
            {"extend", dedup.extend},
            {"replace", dedup.replace}};
}

static void put_names(json::object& out, const StoredMessage& message) {
    if (!message.topic.empty()) {
        out["topic"] = message.topic;
        out["topic_offset"] = message.topic_offset;
    }
    if (!message.own_id.empty()) {
        out["own_id"] = message.own_id;
    }
    if (message.dedup) {
        out["dedup"] = to_json(*message.dedup);
    }
}

json::object to_json(const StoredMessage& message) {
    json::object out{{"id", message.id.to_string()}, {"state", to_text(message.state)}};
    put_payload(out, message.payload);
    out["name"] = message.name;
    out["headers"] = headers_json(message.headers);
    out["stored_at"] = format_time(message.stored_ms);
    if (message.at_ms != 0) {
        out["at"] = format_time(message.at_ms);
    }
    out["priority"] = message.priority;
    out["lifo"] = message.lifo;
    if (!message.group.empty()) {
        out["group"] = message.group;
    }
    put_flow(out, message);
    put_names(out, message);
    if (message.ready_ms != 0) {
        out["ready_at"] = format_time(message.ready_ms);
    }
    if (message.expires_ms != 0) {
        out["expires_at"] = format_time(message.expires_ms);
    }
    if (message.lease_ms != 0) {
        out["lease_ms"] = message.lease_ms;
    }
    if (message.max_attempts != 0) {
        out["max_attempts"] = message.max_attempts;
    }
    if (message.backoff) {
        out["backoff"] = to_json(*message.backoff);
    }
    if (message.run_limit.count() != 0) {
        out["run_limit_ms"] = message.run_limit.count();
    }
    if (message.isolated) {
        out["isolated"] = true;
    }
    if (message.cancelling) {
        out["cancelling"] = true;
    }
    out["deliveries"] = message.deliveries;
    out["failures"] = message.failures;
    out["lease_losses"] = message.lease_losses;
    if (!message.reason.empty()) {
        out["reason"] = message.reason;
    }
    put_run(out, message);
    out["attempts"] = attempts_json(message.attempts);
    if (message.origin) {
        out["origin"] = origin_json(*message.origin);
    }
    if (message.scheduled) {
        out["scheduled"] = {{"schedule", message.scheduled->schedule},
                            {"firing", format_time(message.scheduled->firing_ms)}};
    }
    return out;
}

json::object to_json(const JobEnd& end) {
    json::object out{{"outcome", to_text(end.outcome)}, {"text", end.text}, {"offset", end.offset}};
    if (end.result) {
        out["result"] = result_json(*end.result);
    }
    return out;
}

json::object to_json(const Counted& counted) { return {{"messages", counted.messages}, {"skipped", counted.skipped}}; }

void print_json(const json::object& object) { std::cout << json::serialize(object) << '\n'; }

std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string out;
    for (const char c : text.substr(0, bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
    }
    return text.size() > bytes_max ? out + fmt::format("... ({} bytes)", text.size()) : out;
}

}  // namespace baton::cli
