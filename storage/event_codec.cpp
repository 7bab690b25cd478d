#include "storage/event_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "storage/sealed.hpp"

#include <memory>

namespace baton::storage {

std::string encode(const core::PutEvents& record) {
    store::v1::EventChunk stored;
    stored.set_at_ms(record.chunk->at);
    stored.set_bytes(record.chunk->bytes);
    stored.mutable_events()->Reserve(static_cast<int>(record.chunk->events.size()));
    for (const core::Event& event : record.chunk->events) {
        store::v1::Event& out = *stored.add_events();
        out.set_type(static_cast<std::uint32_t>(event.type));
        out.set_first(event.first);
        out.set_count(event.count);
        if (event.detail) {
            out.set_text(event.detail->text);
            out.set_data(event.detail->data);
        }
    }
    return sealed(stored, KeyKind::events, record.id, record.chunk->first_seq);
}

core::EventChunkPtr decode_events(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::EventChunk>(key, value);
    auto chunk = std::make_shared<core::EventChunk>();
    chunk->first_seq = key.number;
    chunk->at = stored.at_ms();
    chunk->bytes = stored.bytes();
    chunk->events.reserve(static_cast<std::size_t>(stored.events_size()));
    for (const auto& event : stored.events()) {
        core::EventDetailPtr detail;
        if (!event.text().empty() || !event.data().empty()) {
            detail = std::make_shared<const core::EventDetail>(core::EventDetail{event.text(), event.data()});
        }
        chunk->events.push_back(
            {static_cast<core::EventType>(event.type()), event.first(), event.count(), std::move(detail)});
    }
    return chunk;
}

}  // namespace baton::storage
