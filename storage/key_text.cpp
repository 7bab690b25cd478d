// Keys in words.
#include "storage/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::storage {

namespace {

constexpr std::pair<KeyKind, const char*> kind_texts[] = {
    {KeyKind::chunk, "chunk"},
    {KeyKind::events, "events"},
    {KeyKind::completed, "completed message"},
    {KeyKind::finished, "finished batch"},
    {KeyKind::waiting_children, "message that waits for children"},
    {KeyKind::flow, "flow"},
    {KeyKind::flow_result, "flow"},
    {KeyKind::flow_news, "flow"},
    {KeyKind::flow_member, "flow"},
    {KeyKind::timed, "timed message"},
    {KeyKind::failed, "failed message"},
    {KeyKind::prioritized, "prioritized message"},
    {KeyKind::grouped, "grouped message"},
    {KeyKind::group, "group"},
    {KeyKind::locator, "locator"},
    {KeyKind::expiry, "expiry"},
    {KeyKind::name, "name"},
    {KeyKind::name_end, "end of a name"},
    {KeyKind::ack_page, "ack page"},
    {KeyKind::lease, "lease"},
    {KeyKind::returned, "returned message"},
    {KeyKind::producer, "producer"},
    {KeyKind::queue, "queue"},
    {KeyKind::queue_state, "queue state"},
    {KeyKind::schedule, "schedule"},
    {KeyKind::report, "report of a job"},
    {KeyKind::task, "task"},
    {KeyKind::job_minutes, "minutes of a queue"},
    {KeyKind::binding, "binding"},
    {KeyKind::fill, "fill of a subscription"},
    {KeyKind::last_of_key, "last message of a key"},
    {KeyKind::name_space, "namespace"},
    {KeyKind::shard, "shard counters"},
    {KeyKind::identity, "identity"},
    {KeyKind::commit, "commit record"},
};

const char* kind_text(KeyKind kind) {
    const auto found = std::find_if(std::begin(kind_texts), std::end(kind_texts),
                                    [kind](const auto& row) { return row.first == kind; });
    return found == std::end(kind_texts) ? "record" : found->second;
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
    if (parsed->kind == KeyKind::name) {
        return text + fmt::format(" '{}' of queue {} in namespace {}", parsed->text, core::value(parsed->queue),
                                  core::value(parsed->ns));
    }
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
