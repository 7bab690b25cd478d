#include "server/core/job_names.hpp"

#include "server/core/names.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace baton::core {

namespace {

Refusal no_such_id() { return {RefusalCode::message_not_found, "the queue has no message with this id", "id"}; }

/// The offset of the message that has an id, or had it last, as far as the index tells.
std::optional<Offset> holder_of_id(const State& state, const Queue& queue, const std::string& id) {
    const std::optional<NameRecord>& record = *state.names.find({queue.id, NameKind::id, id});
    return record ? std::optional<Offset>(record->holder) : std::nullopt;
}

/// Of a request that names one message; null for others.
const std::string* one_id(const RequestBody& body) {
    if (const auto* show = std::get_if<ShowJob>(&body)) {
        return &show->id;
    }
    if (const auto* change = std::get_if<ChangeJob>(&body)) {
        return &change->id;
    }
    if (const auto* promote = std::get_if<PromoteJob>(&body)) {
        return &promote->id;
    }
    if (const auto* why = std::get_if<WhyJob>(&body)) {
        return &why->id;
    }
    if (const auto* wait = std::get_if<WaitJob>(&body)) {
        return &wait->id;
    }
    const auto* log = std::get_if<ListLog>(&body);
    return log == nullptr ? nullptr : &log->id;
}

/// Of a request that names many; null for others.
OwnIds* many_ids(RequestBody& body) {
    if (auto* remove = std::get_if<RemoveJobs>(&body)) {
        return &remove->own;
    }
    if (auto* cancel = std::get_if<CancelJobs>(&body)) {
        return &cancel->own;
    }
    auto* retry = std::get_if<RetryFailed>(&body);
    return retry == nullptr ? nullptr : &retry->own;
}

std::vector<Offset>& many_offsets(RequestBody& body) {
    if (auto* remove = std::get_if<RemoveJobs>(&body)) {
        return remove->offsets;
    }
    auto* cancel = std::get_if<CancelJobs>(&body);
    return cancel != nullptr ? cancel->offsets : std::get<RetryFailed>(body).offsets;
}

/// False: the request is parked until the index is read.
bool know_ids(State& state, Queue& queue, const std::vector<std::string>& ids, Request& request, Round& round) {
    std::vector<Name> unknown;
    for (const std::string& id : ids) {
        if (state.names.find({queue.id, NameKind::id, id}) == nullptr) {
            unknown.push_back({queue.id, NameKind::id, id});
        }
    }
    if (unknown.empty()) {
        return true;
    }
    read_names(state, queue, std::move(unknown), std::move(request), round);
    return false;
}

bool find_one(State& state, Queue& queue, const std::string& id, Request& request, Round& round) {
    if (!know_ids(state, queue, {id}, request, round)) {
        return false;
    }
    const std::optional<Offset> holder = holder_of_id(state, queue, id);
    if (!holder) {
        reply(request, no_such_id(), round);
        return false;
    }
    named_offset(request.body) = *holder;
    if (auto* wait = std::get_if<WaitJob>(&request.body)) {
        wait->id.clear();  // The id may pass on while its message is read: this one is waited for.
    }
    return true;
}

}  // namespace

Offset& named_offset(RequestBody& body) {
    if (auto* show = std::get_if<ShowJob>(&body)) {
        return show->offset;
    }
    if (auto* wait = std::get_if<WaitJob>(&body)) {
        return wait->offset;
    }
    if (auto* log = std::get_if<ListLog>(&body)) {
        return log->offset;
    }
    if (auto* why = std::get_if<WhyJob>(&body)) {
        return why->offset;
    }
    auto* change = std::get_if<ChangeJob>(&body);
    return change != nullptr ? change->offset : std::get<PromoteJob>(body).offset;
}

bool find_by_id(State& state, Queue& queue, Request& request, Round& round) {
    if (const std::string* id = one_id(request.body)) {
        return id->empty() || find_one(state, queue, std::string(*id), request, round);
    }
    OwnIds* own = many_ids(request.body);
    if (own == nullptr || own->ids.empty()) {
        return true;
    }
    if (!know_ids(state, queue, std::vector<std::string>(own->ids), request, round)) {
        return false;
    }
    std::vector<Offset>& offsets = many_offsets(request.body);
    for (std::string& id : std::exchange(own->ids, {})) {
        if (const std::optional<Offset> holder = holder_of_id(state, queue, id)) {
            offsets.push_back(*holder);
            own->found.emplace_back(*holder, std::move(id));
        } else {
            own->refused.emplace_back(std::move(id), no_such_id());
        }
    }
    return true;
}

Refusal as_named(const RequestBody& body, Refusal&& refusal) {
    const std::string* id = one_id(body);
    if (id == nullptr || id->empty() || refusal.field != "offset") {
        return std::move(refusal);
    }
    if (refusal.code == RefusalCode::message_not_found) {
        return no_such_id();
    }
    refusal.field = "id";
    return std::move(refusal);
}

void tell_by_id(OwnIds& own, std::vector<std::pair<Offset, Refusal>>& refused) {
    if (own.found.empty()) {
        return;
    }
    const std::map<Offset, std::string> ids(own.found.begin(), own.found.end());
    std::vector<std::pair<Offset, Refusal>> others;
    for (auto& [offset, refusal] : refused) {
        const auto id = ids.find(offset);
        if (id == ids.end()) {
            others.emplace_back(offset, std::move(refusal));
            continue;
        }
        if (refusal.code == RefusalCode::message_not_found) {
            refusal = no_such_id();
        }
        refusal.field = "id";
        own.refused.emplace_back(id->second, std::move(refusal));
    }
    refused = std::move(others);
}

}  // namespace baton::core
