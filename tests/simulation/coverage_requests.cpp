#include "tests/simulation/coverage_requests.hpp"

#include "server/core/transaction.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

template <typename... Kinds>
bool is_one_of(const RequestBody& body) {
    return (std::holds_alternative<Kinds>(body) || ...);
}

bool is_of_interest(const RequestBody& body) {
    if (const auto* settle = std::get_if<Settle>(&body)) {
        return !settle->settlements.empty();
    }
    return is_one_of<Produce, ChangeJob, PromoteJob, PromoteAll, RemoveJobs, CancelJobs, RetryFailed, ClearDedup,
                     WaitChildren, AddFlow, AppendLog, ClearLog, SetData, RunTransaction>(body);
}

template <typename Named>
bool names_job(const Named& request, const std::string& queue, Offset offset, const std::string& id) {
    return request.queue == queue && (request.id.empty() ? request.offset == offset : request.id == id);
}

}  // namespace

void CoverageRequests::sent(const Request& request) {
    if (value(request.id) != 0 && is_of_interest(request.body)) {
        open_.insert_or_assign({value(request.connection), value(request.id)}, request.body);
    }
}

std::optional<RequestBody> CoverageRequests::answered(ConnectionId connection, RequestId request) {
    auto found = open_.extract({value(connection), value(request)});
    return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

bool CoverageRequests::promotes(const std::string& queue, Offset offset, const std::string& id) const {
    return std::any_of(open_.begin(), open_.end(), [&](const auto& one) {
        const auto* promote = std::get_if<PromoteJob>(&one.second);
        const auto* all = std::get_if<PromoteAll>(&one.second);
        return (promote != nullptr && names_job(*promote, queue, offset, id)) ||
               (all != nullptr && all->queue == queue);
    });
}

bool CoverageRequests::changes(const std::string& queue, Offset offset, const std::string& id) const {
    return std::any_of(open_.begin(), open_.end(), [&](const auto& one) {
        const auto* change = std::get_if<ChangeJob>(&one.second);
        if (const auto* run = std::get_if<RunTransaction>(&one.second); run != nullptr && run->parts->change) {
            change = &*run->parts->change;
        }
        return change != nullptr && names_job(*change, queue, offset, id);
    });
}

bool CoverageRequests::clears_key(const std::string& queue) const {
    return std::any_of(open_.begin(), open_.end(), [&](const auto& one) {
        const auto* clear = std::get_if<ClearDedup>(&one.second);
        return clear != nullptr && clear->queue == queue;
    });
}

}  // namespace baton::simulation
