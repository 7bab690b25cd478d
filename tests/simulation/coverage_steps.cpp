// Which row of the table an event is: what happened is told by its kind, why by what else its commit wrote, and by the
// requests that are not answered yet.
#include "tests/simulation/coverage_watch.hpp"

#include <string>
#include <string_view>

namespace baton::simulation {

using namespace core;

namespace {

std::string_view text_of(const Event& event) { return event.detail ? std::string_view(event.detail->text) : ""; }

Trigger why_removed(const Event& event) {
    if (text_of(event) == "replaced") {
        return Trigger::key_taken;
    }
    return text_of(event).starts_with("redriven to") ? Trigger::redrive : Trigger::remove;
}

/// Why a message left for good, to the failed set or to another queue.
Trigger why_over(const MessageNews& news) {
    switch (news.reason) {
        case EndReason::attempts_exhausted:
            return Trigger::fail_last;
        case EndReason::rejected:
            return Trigger::fail_terminal;
        case EndReason::lease_losses_exhausted:
            return Trigger::losses_cap;
        case EndReason::deliveries_exhausted:
            return Trigger::deliveries_cap;
        case EndReason::child_failed:
            return Trigger::child_fails;
        case EndReason::overflow:
            return Trigger::queue_full;
        case EndReason::expired:
            return Trigger::ttl;
        case EndReason::cancelled:
            return Trigger::cancel;
        case EndReason::none:
            break;
    }
    return Trigger::fail;  // Of no row: it would be strange.
}

/// Why a leased message waits again, or is delayed.
Trigger why_given_back(const MessageNews& news) {
    if (news.attempt_failed) {
        return Trigger::fail;
    }
    switch (news.cause.value_or(Cause::restart)) {
        case Cause::released:
            return Trigger::release;
        case Cause::lease_expired:
            return news.stalled ? Trigger::lease_lost : Trigger::lease_ends;
        case Cause::consumer_lost:
            return Trigger::consumer_lost;
        case Cause::none:
        case Cause::failed:
        case Cause::restart:
        case Cause::retried:
        case Cause::redriven:
            break;
    }
    return Trigger::restart;
}

Trigger why_added(const MessageNews& news) {
    return news.moved_in ? Trigger::moved_in : news.scheduled ? Trigger::schedule_fires : Trigger::add;
}

}  // namespace

Trigger CoverageWatch::edited(QueueId queue, Offset offset, Trigger otherwise) const {
    const auto name = names_.find(value(queue));
    const bool asked = name != names_.end() && requests_.changes(name->second, offset, facts_.known(queue, offset).id);
    return asked ? Trigger::change : otherwise;
}

CoverageWatch::Step CoverageWatch::became_ready(QueueId queue, Offset offset, const Seen& seen, Standing to,
                                                TimeMs at) {
    const MessageNews& news = facts_.known(queue, offset);
    const Standing from = seen.standing;
    const std::string& name = names_[value(queue)];
    if (from == Standing::none) {
        const bool released = news.was_parked && news.keeps_last;
        return released ? Step{Standing::parked, Trigger::holder_over, to} : Step{from, why_added(news), to};
    }
    if (from == Standing::active) {
        // Of one whose holder was forgotten a change is taken; the table has it from where it stands then.
        const Trigger trigger = why_given_back(news);
        return {from, seen.stopped && trigger == Trigger::restart ? edited(queue, offset, trigger) : trigger, to};
    }
    if (from == Standing::waiting_children) {
        return {from, news.held_by_child ? Trigger::child_continues : Trigger::children_over, to};
    }
    if (from == Standing::completed || from == Standing::failed) {
        return {from, Trigger::retry, to};
    }
    if (from == Standing::delayed && to != Standing::delayed) {
        if (at >= seen.due) {
            return {from, Trigger::due, to};
        }
        if (requests_.promotes(name, offset, news.id)) {
            return {from, Trigger::promote, to};
        }
    }
    const Trigger unasked = from == Standing::delayed ? Trigger::due : Trigger::restart;
    const Trigger trigger = edited(queue, offset, unasked);
    return {from, trigger == unasked && requests_.clears_key(name) ? Trigger::clear_key : trigger, to};
}

std::optional<CoverageWatch::Step> CoverageWatch::step_of(QueueId queue, Offset offset, const Seen& seen,
                                                          const Event& event, TimeMs at) {
    const MessageNews& news = facts_.known(queue, offset);
    const Standing from = seen.standing;
    switch (event.type) {
        case EventType::stalled:
            facts_.of(queue, offset).stalled = true;
            return std::nullopt;
        case EventType::attempt_failed:
            facts_.of(queue, offset).attempt_failed = true;
            return std::nullopt;
        case EventType::waiting:
            return became_ready(queue, offset, seen, news.ranked ? Standing::prioritized : Standing::waiting, at);
        case EventType::delayed:
            return became_ready(queue, offset, seen, Standing::delayed, at);
        case EventType::waiting_children: {
            const Trigger trigger = from == Standing::none     ? Trigger::add_flow
                                    : from == Standing::active ? Trigger::wait_children
                                                               : Trigger::retry;
            return Step{from, trigger, Standing::waiting_children};
        }
        case EventType::active:
            return Step{from, Trigger::lease, Standing::active};
        case EventType::completed:
            return Step{from, from == Standing::active ? Trigger::ack : Trigger::late_ack, Standing::completed};
        case EventType::failed:
            return Step{from, why_over(news), Standing::failed};
        case EventType::dead_lettered:
            return Step{from, why_over(news), Standing::dead_lettered};
        case EventType::removed:
            return Step{from, why_removed(event), Standing::gone};
        case EventType::expired:
            return Step{from, Trigger::ttl, Standing::expired};
        case EventType::dropped:
            return Step{from, text_of(event) == "overflow" ? Trigger::queue_full : Trigger::newer_run,
                        Standing::dropped};
        case EventType::cancelled:
            return Step{from, Trigger::cancel, Standing::cancelled};
        case EventType::progress:
            return Step{from, Trigger::progress, Standing::unchanged};
        case EventType::added:
        case EventType::drained:
        case EventType::paused:
        case EventType::resumed:
        case EventType::purged:
        case EventType::custom:
        case EventType::duplicated:
        case EventType::deduplicated:
            break;
    }
    return std::nullopt;
}

}  // namespace baton::simulation
