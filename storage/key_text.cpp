// Keys in words.
#include "storage/keys.hpp"

#include <fmt/format.h>

namespace baton::storage {

namespace {

const char* kind_text(KeyKind kind) {
    switch (kind) {
        case KeyKind::chunk:
            return "chunk";
        case KeyKind::events:
            return "events";
        case KeyKind::completed:
            return "completed message";
        case KeyKind::finished:
            return "finished batch";
        case KeyKind::waiting_children:
            return "message that waits for children";
        case KeyKind::flow:
        case KeyKind::flow_result:
        case KeyKind::flow_news:
        case KeyKind::flow_member:
            return "flow";
        case KeyKind::timed:
            return "timed message";
        case KeyKind::failed:
            return "failed message";
        case KeyKind::prioritized:
            return "prioritized message";
        case KeyKind::grouped:
            return "grouped message";
        case KeyKind::group:
            return "group";
        case KeyKind::locator:
            return "locator";
        case KeyKind::expiry:
            return "expiry";
        case KeyKind::ack_page:
            return "ack page";
        case KeyKind::lease:
            return "lease";
        case KeyKind::returned:
            return "returned message";
        case KeyKind::producer:
            return "producer";
        case KeyKind::queue:
            return "queue";
        case KeyKind::queue_state:
            return "queue state";
        case KeyKind::schedule:
            return "schedule";
        case KeyKind::report:
            return "report of a job";
        case KeyKind::task:
            return "task";
        case KeyKind::name_space:
            return "namespace";
        case KeyKind::shard:
            return "shard counters";
        case KeyKind::identity:
            return "identity";
        case KeyKind::commit:
            return "commit record";
    }
    return "record";
}

}  // namespace

std::string describe_key(std::string_view key) {
    const std::optional<ParsedKey> parsed = parse_key(key);
    if (!parsed) {
        std::string hex;
        for (const char c : key) {
            hex += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
        }
        return "unknown key " + hex;
    }
    std::string text = kind_text(parsed->kind);
    if (parsed->kind == KeyKind::name_space) {
        return text + fmt::format(" {}", core::value(parsed->ns));
    }
    if (parsed->kind >= KeyKind::name_space) {
        return text;
    }
    if (parsed->kind == KeyKind::schedule || parsed->kind == KeyKind::task) {
        return text + fmt::format(" {} in namespace {}", core::value(parsed->queue), core::value(parsed->ns));
    }
    if (parsed->kind == KeyKind::report) {
        text += fmt::format(" {} part", parsed->seq);
    }
    if (key.size() > 14) {
        text += fmt::format(" {}", parsed->number);
    }
    return text + fmt::format(" of queue {} in namespace {}", core::value(parsed->queue), core::value(parsed->ns));
}

}  // namespace baton::storage
