#include "server/core/transaction.hpp"

#include "proto/entry_format.hpp"
#include "server/session/decode/parse.hpp"
#include "server/session/decode/wire_types.hpp"

#include <baton/v1/transaction.pb.h>

#include <memory>
#include <utility>

namespace baton::session {

namespace {

Fault given_twice(const char* field) { return invalid(field, "this part can be there once"); }

Fault decode_part(std::uint64_t field, std::string_view bytes, const core::Buffer& frame, core::Transaction& out) {
    core::RequestBody part;
    switch (field) {
        case v1::Transaction::kProducesFieldNumber:
            if (out.produces.size() == core::limits::transaction_produces_max) {
                return check_range(out.produces.size() + 1, 0, core::limits::transaction_produces_max,
                                   "transaction.produces");
            }
            if (auto fault = decode_produce(bytes, frame, part)) {
                return fault;
            }
            out.produces.push_back(std::get<core::Produce>(std::move(part)));
            return {};
        case v1::Transaction::kSettleFieldNumber:
            if (auto fault = decode_settle(bytes, part)) {
                return fault;
            }
            if (std::get<core::Settle>(part).fetch) {
                return invalid("transaction.settle.fetch", "a transaction fetches nothing");
            }
            if (!out.settlements.empty()) {
                return given_twice("transaction.settle");
            }
            out.settlements = std::move(std::get<core::Settle>(part).settlements);
            return {};
        case v1::Transaction::kChangeFieldNumber:
            if (auto fault = decode_change_job(bytes, part)) {
                return fault;
            }
            if (out.change) {
                return given_twice("transaction.change");
            }
            out.change = std::get<core::ChangeJob>(std::move(part));
            return {};
        case v1::Transaction::kScheduleFieldNumber:
            if (auto fault = decode_upsert_schedule(bytes, part)) {
                return fault;
            }
            if (out.schedule) {
                return given_twice("transaction.schedule");
            }
            out.schedule = std::get<core::UpsertSchedule>(std::move(part));
            return {};
        default:
            return invalid("transaction", "a part of it is not known here, and all is done or nothing");
    }
}

}  // namespace

Fault decode_transaction(std::string_view body, const core::Buffer& frame, core::RequestBody& out) {
    auto transaction = std::make_shared<core::Transaction>();
    std::size_t pos = 0;
    while (pos < body.size()) {
        std::uint64_t tag = 0, length = 0;
        if (!proto::read_varint(body, pos, tag) || tag >> 3 == 0) {
            return malformed("no valid field tag", "transaction");
        }
        if ((tag & 7) != wire_bytes) {
            if (!proto::skip_field(body, pos, static_cast<std::uint32_t>(tag & 7))) {
                return malformed("a field is cut", "transaction");
            }
            continue;
        }
        if (!proto::read_varint(body, pos, length) || length > body.size() - pos) {
            return malformed("a field is cut", "transaction");
        }
        if (auto fault = decode_part(tag >> 3, body.substr(pos, length), frame, *transaction)) {
            return fault;
        }
        pos += length;
    }
    out = core::RunTransaction{std::move(transaction)};
    return {};
}

}  // namespace baton::session
