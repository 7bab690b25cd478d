#include "tests/simulation/coverage_answers.hpp"

#include "server/core/message_state.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

/// As the answer says it; 0 = it is gone.
Standing standing_of(MessageState state) {
    switch (state) {
        case MessageState::waiting:
        case MessageState::grouped:
            return Standing::waiting;
        case MessageState::prioritized:
            return Standing::prioritized;
        case MessageState::delayed:
            return Standing::delayed;
        case MessageState::leased:
            return Standing::active;
        case MessageState::failed:
            return Standing::failed;
        case MessageState::completed:
            return Standing::completed;
        case MessageState::waiting_children:
            return Standing::waiting_children;
    }
    return Standing::gone;
}

/// Nothing is kept of it.
bool is_over(Standing standing) {
    return standing == Standing::dead_lettered || standing == Standing::cancelled || standing == Standing::expired ||
           standing == Standing::dropped || standing == Standing::gone;
}

EntryOptions options_at(const Produce& produce, std::uint32_t index) {
    const auto own = std::find_if(produce.options.begin(), produce.options.end(),
                                  [&](const auto& one) { return one.first == index; });
    EntryOptions options = produce.defaults;
    if (own != produce.options.end()) {
        options.id = own->second.id ? own->second.id : options.id;
        options.dedup = own->second.dedup ? own->second.dedup : options.dedup;
    }
    return options;
}

bool is_full(RefusalCode code) { return code == RefusalCode::queue_full || code == RefusalCode::group_full; }

}  // namespace

void CoverageAnswers::refused(QueueId queue, Offset offset, Trigger trigger) {
    const Standing standing = watch_.standing(queue, offset);
    watch_.told(queue, offset, is_over(standing) ? Standing::gone : standing, trigger, Standing::refused);
}

void CoverageAnswers::unchanged(const Token& token, Offset offset, Trigger trigger) {
    watch_.told(token.queue, offset, Standing::active, trigger, Standing::unchanged);
}

void CoverageAnswers::produced(const Produce& request, const ReplyBody& answer) {
    const QueueId queue = watch_.queue_named(request.queue);
    if (const auto* refusal = std::get_if<Refusal>(&answer); refusal != nullptr && is_full(refusal->code)) {
        watch_.told(queue, 0, Standing::none, Trigger::queue_full, Standing::refused);
    }
    const auto* produced = std::get_if<Produced>(&answer);
    if (produced == nullptr || produced->duplicate) {
        return;
    }
    for (const auto& [index, refusal] : produced->refused) {
        if (is_full(refusal.code)) {
            watch_.told(queue, 0, Standing::none, Trigger::queue_full, Standing::refused);
        }
    }
    for (const ItemOutcome& one : produced->outcomes) {
        outcome(request, one, produced->queue);
    }
}

/// Which of two names held an entry up is told only of one that has a single name.
void CoverageAnswers::outcome(const Produce& request, const ItemOutcome& outcome, QueueId queue) {
    const EntryOptions options = options_at(request, outcome.index);
    if (outcome.kind != ItemOutcome::Kind::duplicate || (options.id && options.dedup)) {
        return;
    }
    watch_.told(queue, outcome.offset, standing_of(outcome.state), options.id ? Trigger::id_taken : Trigger::key_taken,
                Standing::unchanged);
}

void CoverageAnswers::settled(const Settle& request, const Settled& answer) {
    for (const Settled::Refused& refusal : answer.refused) {
        const bool by_children =
            refusal.code == RefusalCode::children_pending || refusal.code == RefusalCode::failed_by_child;
        refused(request.settlements[refusal.settlement].token.queue, refusal.range.first,
                by_children ? Trigger::ack : Trigger::old_token);
    }
    for (std::uint32_t i = 0; i < request.settlements.size(); ++i) {
        const Settlement& settlement = request.settlements[i];
        const bool all = std::none_of(answer.refused.begin(), answer.refused.end(),
                                      [&](const Settled::Refused& one) { return one.settlement == i; });
        if (all && std::holds_alternative<Extend>(settlement.action)) {
            unchanged(settlement.token, settlement.ranges.front().first, Trigger::extend);
        }
    }
}

void CoverageAnswers::refused_to_edit(const RequestBody& request, RefusalCode code) {
    if (code != RefusalCode::wrong_message_state && code != RefusalCode::message_not_found) {
        return;
    }
    if (const auto* change = std::get_if<ChangeJob>(&request)) {
        refused(watch_.queue_named(change->queue), change->offset, Trigger::change);
    } else if (const auto* promote = std::get_if<PromoteJob>(&request)) {
        refused(watch_.queue_named(promote->queue), promote->offset, Trigger::promote);
    }
}

void CoverageAnswers::removed(const RemoveJobs& request, const JobsRemoved& answer) {
    for (const auto& [offset, refusal] : answer.refused) {
        refused(watch_.queue_named(request.queue), offset, Trigger::remove);
    }
}

void CoverageAnswers::cancelled(const CancelJobs& request, const JobsCancelled& answer) {
    const QueueId queue = watch_.queue_named(request.queue);
    for (const auto& [offset, refusal] : answer.refused) {
        refused(queue, offset, Trigger::cancel);
    }
    for (const Offset offset : answer.cancelling) {
        watch_.told(queue, offset, Standing::active, Trigger::cancel, Standing::unchanged);
    }
}

void CoverageAnswers::of_holder(const RequestBody& request, const ReplyBody& answer) {
    const auto* append = std::get_if<AppendLog>(&request);
    if (append != nullptr && std::holds_alternative<LogBounds>(answer)) {
        unchanged(append->token, append->offset, Trigger::log);
    }
    const auto* data = std::get_if<SetData>(&request);
    if (data != nullptr && std::holds_alternative<Done>(answer)) {
        unchanged(data->token, data->offset, Trigger::set_data);
    }
    const auto* wait = std::get_if<WaitChildren>(&request);
    const auto* awaited = std::get_if<ChildrenAwaited>(&answer);
    if (wait != nullptr && awaited != nullptr && awaited->verdict == ChildrenAwaited::Verdict::go_on) {
        unchanged(wait->token, wait->offset, Trigger::wait_children);
    }
    const auto* add = std::get_if<AddFlow>(&request);
    if (add != nullptr && add->parent && add->parent->token && std::holds_alternative<FlowAdded>(answer)) {
        unchanged(*add->parent->token, add->parent->offset, Trigger::add_children);
    }
}

void CoverageAnswers::answered(const RequestBody& request, const ReplyBody& answer) {
    if (const auto* produce = std::get_if<Produce>(&request)) {
        produced(*produce, answer);
    } else if (const auto* settle = std::get_if<Settle>(&request)) {
        if (const auto* done = std::get_if<Settled>(&answer)) {
            settled(*settle, *done);
        }
    } else if (const auto* refusal = std::get_if<Refusal>(&answer)) {
        refused_to_edit(request, refusal->code);
    } else if (const auto* gone = std::get_if<JobsRemoved>(&answer)) {
        removed(std::get<RemoveJobs>(request), *gone);
    } else if (const auto* ended = std::get_if<JobsCancelled>(&answer)) {
        cancelled(std::get<CancelJobs>(request), *ended);
    } else if (const auto* counted = std::get_if<Counted>(&answer)) {
        const auto* retry = std::get_if<RetryFailed>(&request);
        if (retry != nullptr && retry->offsets.size() == 1 && counted->messages == 0) {
            refused(watch_.queue_named(retry->queue), retry->offsets.front(), Trigger::retry);
        }
    } else {
        of_holder(request, answer);
    }
}

}  // namespace baton::simulation
