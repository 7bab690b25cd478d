#include "server/core/job_names.hpp"

#include "server/core/names.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

Refusal no_such_id() { return {RefusalCode::message_not_found, "the queue has no message with this id", "id"}; }

/// The offset of the message that has an id, or had it last, as far as the index tells.
std::optional<Offset> holder_of_id(const State& state, const Queue& queue, const std::string& id) {
    const std::optional<NameRecord>& record = *state.names.find({queue.id, NameKind::id, id});
    return record ? std::optional<Offset>(record->holder) : std::nullopt;
}

std::vector<std::string> ids_of(const RequestBody& body) {
    if (const auto* remove = std::get_if<RemoveJobs>(&body)) {
        return remove->ids;
    }
    std::string id;
    if (const auto* show = std::get_if<ShowJob>(&body)) {
        id = show->id;
    } else if (const auto* change = std::get_if<ChangeJob>(&body)) {
        id = change->id;
    } else if (const auto* promote = std::get_if<PromoteJob>(&body)) {
        id = promote->id;
    } else if (const auto* why = std::get_if<WhyJob>(&body)) {
        id = why->id;
    }
    return id.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::move(id)};
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
    const std::vector<std::string> ids = ids_of(request.body);
    std::vector<Name> unknown;
    for (const std::string& id : ids) {
        if (state.names.find({queue.id, NameKind::id, id}) == nullptr) {
            unknown.push_back({queue.id, NameKind::id, id});
        }
    }
    if (!unknown.empty()) {
        read_names(state, queue, std::move(unknown), std::move(request), round);
        return false;
    }
    auto* remove = std::get_if<RemoveJobs>(&request.body);
    for (const std::string& id : ids) {
        const std::optional<Offset> holder = holder_of_id(state, queue, id);
        if (remove != nullptr && holder) {
            remove->offsets.push_back(*holder);
        } else if (remove != nullptr) {
            remove->refused_ids.emplace_back(id, no_such_id());
        } else if (holder) {
            named_offset(request.body) = *holder;
        } else {
            reply(request, no_such_id(), round);
            return false;
        }
    }
    if (remove != nullptr) {
        remove->ids.clear();
    }
    return true;
}

}  // namespace baton::core
