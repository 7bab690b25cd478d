#include "baton/message.hpp"

#include "client/delivered_frame.hpp"
#include "proto/entry_format.hpp"

#include <array>
#include <charconv>

namespace baton {

namespace {

/// The field of an entry, when it is the first; decoding all of it otherwise.
std::string_view payload_of(std::string_view entry) {
    if (!entry.empty() && entry[0] == 0x0A) {
        std::size_t pos = 1;
        std::uint64_t length = 0;
        if (proto::read_varint(entry, pos, length) && pos + length == entry.size()) {
            return entry.substr(pos);
        }
    }
    const auto decoded = proto::read_entry(entry);
    return decoded ? decoded->payload : std::string_view{};
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

std::string MessageId::to_string() const { return std::to_string(queue_id) + "-" + std::to_string(offset); }

std::optional<MessageId> MessageId::parse(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto queue = number_of(text.substr(0, dash));
    const auto offset = number_of(text.substr(dash + 1));
    if (!queue || !offset) {
        return std::nullopt;
    }
    return MessageId{*queue, *offset};
}

const char* to_text(Cause cause) {
    static constexpr std::array names{"none",          "failed",  "lease_expired", "released",
                                      "consumer_lost", "restart", "retried",       "redriven"};
    const auto number = static_cast<std::size_t>(cause);
    return number < names.size() ? names[number] : "unknown";
}

std::string_view MessageView::payload() const { return payload_of(frame_->entry(index_)); }

std::string_view MessageView::name() const {
    const auto decoded = proto::read_entry(frame_->entry(index_));
    return decoded ? decoded->name : std::string_view{};
}

std::vector<HeaderView> MessageView::headers() const {
    std::vector<HeaderView> headers;
    if (const auto decoded = proto::read_entry(frame_->entry(index_))) {
        for (const auto& header : decoded->headers) {
            headers.push_back({header.key, header.value});
        }
    }
    return headers;
}

std::optional<std::string_view> MessageView::header(std::string_view key) const {
    for (const HeaderView& header : headers()) {
        if (header.key == key) {
            return header.value;
        }
    }
    return std::nullopt;
}

std::uint64_t MessageView::offset() const { return frame_->offset_of(index_); }

MessageId MessageView::id() const { return {frame_->token.queue_id, offset()}; }

std::string_view MessageView::topic() const {
    const std::string_view told = frame_->run_of(index_).topic;
    return told.empty() ? std::string_view(frame_->topic) : told;
}

std::uint64_t MessageView::topic_offset() const {
    const auto& run = frame_->run_of(index_);
    if (!run.topic.empty()) {
        return run.topic_offset + (index_ - run.from);
    }
    return frame_->topic.empty() ? 0 : offset();
}

std::int64_t MessageView::stored_ms() const { return frame_->run_of(index_).stored_ms; }

std::uint32_t MessageView::deliveries() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? 1 : detail->deliveries;
}

std::uint32_t MessageView::failures() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? 0 : detail->failures;
}

std::uint32_t MessageView::lease_losses() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? 0 : detail->lease_losses;
}

Cause MessageView::cause() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? Cause::none : detail->cause;
}

const ScheduledRun* MessageView::scheduled() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? nullptr : detail->scheduled.get();
}

const Origin* MessageView::origin() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? nullptr : detail->origin.get();
}

namespace {
const std::string no_id;
}

const std::string& MessageView::own_id() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? no_id : detail->own_id;
}

const std::string& MessageView::dedup_id() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? no_id : detail->dedup_id;
}

std::uint32_t MessageView::priority() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? 0 : detail->priority;
}

std::uint32_t MessageView::max_attempts() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? 0 : detail->max_attempts;
}

std::string_view MessageView::group() const {
    const auto* detail = frame_->detail_of(index_);
    return detail == nullptr ? std::string_view() : std::string_view(detail->group);
}

bool MessageView::has_children() const {
    const auto* detail = frame_->detail_of(index_);
    return detail != nullptr && detail->has_children;
}

std::chrono::milliseconds MessageView::lease() const {
    const auto* detail = frame_->detail_of(index_);
    return std::chrono::milliseconds{detail == nullptr || detail->lease_ms == 0 ? frame_->lease_ms : detail->lease_ms};
}

}  // namespace baton
