#include "storage/report_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "storage/report_keys.hpp"
#include "storage/sealed.hpp"

#include <memory>
#include <utility>

namespace baton::storage {

namespace {

/// What the checksum is bound to beside the queue: no two parts of any job have the same.
std::uint64_t identity_of(core::Offset offset, std::uint64_t part) { return offset * 0xBF58476D1CE4E5B9ULL + part; }

}  // namespace

std::string encode(const core::PutProgress& record) {
    store::v1::Progress stored;
    stored.set_at_ms(record.progress->at);
    stored.set_value(record.progress->value);
    return sealed(stored, KeyKind::report, record.id, identity_of(record.offset, progress_part));
}

std::string encode(const core::PutLogPart& record) {
    store::v1::LogPart stored;
    stored.set_at_ms(record.part.at);
    for (const std::string& line : record.part.lines) {
        stored.add_lines(line);
    }
    return sealed(stored, KeyKind::report, record.id,
                  identity_of(record.offset, first_log_part + record.part.first_line));
}

std::string encode(const core::PutLogBounds& record) {
    store::v1::LogBounds stored;
    stored.set_first_line(record.first_line);
    stored.set_next_line(record.next_line);
    return sealed(stored, KeyKind::report, record.id, identity_of(record.offset, log_bounds_part));
}

void decode_report(const ParsedKey& key, std::string_view value, core::ReportRead& out) {
    ParsedKey bound = key;
    bound.number = identity_of(key.seq, key.number);
    if (key.number == progress_part) {
        auto stored = opened<store::v1::Progress>(bound, value);
        out.progress = std::make_shared<const core::JobProgress>(
            core::JobProgress{stored.at_ms(), std::move(*stored.mutable_value())});
    } else if (key.number == log_bounds_part) {
        const auto stored = opened<store::v1::LogBounds>(bound, value);
        out.first_line = stored.first_line();
        out.next_line = stored.next_line();
    } else {
        auto stored = opened<store::v1::LogPart>(bound, value);
        core::LogPart& part = out.parts.emplace_back();
        part.first_line = key.number - first_log_part;
        part.at = stored.at_ms();
        for (std::string& line : *stored.mutable_lines()) {
            part.lines.push_back(std::move(line));
        }
    }
}

}  // namespace baton::storage
