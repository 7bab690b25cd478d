// Jobs that add children while they run and wait for them, and actions on whole flows.
#include "tests/simulation/flows.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

using Action = ActOnFlow::Action;

}  // namespace

bool FlowSimulation::is_held(const JobId& job) const {
    return std::any_of(held_.begin(), held_.end(), [&](const Held& one) { return one.job == job; });
}

bool FlowSimulation::is_there(const JobId& job) {
    ShowJob show;
    show.queue = name_of(job);
    show.offset = job.second;
    return std::holds_alternative<MessageList>(ask(show));
}

/// Children for a job that is held.
void FlowSimulation::grow() {
    if (held_.empty()) {
        return;
    }
    const Held held = held_[prng_.below(held_.size())];
    if (!jobs_.contains(held.job) || jobs_[held.job].state != Is::ready) {
        return;
    }
    AddFlow request;
    std::vector<std::size_t> queues;
    const std::size_t count = 1 + prng_.below(3);
    for (std::size_t i = 0; i < count; ++i) {
        request.nodes.push_back(some_node(i, true, queues));
    }
    request.parent = FlowParent{"", held.job.second, held.token, FailurePolicy::inherit};
    const ReplyBody body = ask(request);
    const auto* stored = std::get_if<FlowAdded>(&body);
    if (stored == nullptr) {
        findings_.add("flows", "children for a job that is held were answered " + tests::to_text(body));
        return;
    }
    added(request, queues, *stored);
    Modelled& parent = jobs_[held.job];
    parent.flow = FlowState::open;
    for (std::size_t i = 0; i < count; ++i) {
        if (request.nodes[i].parents.empty()) {
            const JobId id{queues[i], stored->messages[i].second};
            jobs_[id].parents.push_back({held.job, parent.children.size()});
            parent.children.push_back({id, request.nodes[i].policy, ChildState::pending, ""});
        }
    }
}

void FlowSimulation::wait_for_children() {
    if (held_.empty()) {
        return;
    }
    const Held held = held_[prng_.below(held_.size())];
    if (!jobs_.contains(held.job) || jobs_[held.job].state != Is::ready) {
        return;
    }
    using Verdict = ChildrenAwaited::Verdict;
    Modelled& job = jobs_[held.job];
    const auto some = [&](FailurePolicy policy) {
        return std::any_of(job.children.begin(), job.children.end(), [&](const Child& child) {
            return child.state == ChildState::failed && child.policy == policy;
        });
    };
    const Verdict right = some(FailurePolicy::fail_parent)                      ? Verdict::failed
                          : some(FailurePolicy::continue_parent) || !holds(job) ? Verdict::go_on
                                                                                : Verdict::waits;
    const ReplyBody body = ask(WaitChildren{held.token, held.job.second});
    const auto* awaited = std::get_if<ChildrenAwaited>(&body);
    if (awaited == nullptr || awaited->verdict != right) {
        findings_.add("flows", "the wish to wait was answered " + tests::to_text(body) + " instead of " +
                                   std::to_string(static_cast<int>(right)));
        return;
    }
    if (right == Verdict::go_on) {
        job.flow = job.children.empty() ? job.flow : FlowState::released;
        return;
    }
    std::erase_if(held_, [&](const Held& one) { return one.job == held.job; });
    if (right == Verdict::waits) {
        job.flow = FlowState::waiting;
        job.state = Is::waiting_children;
    } else {
        job.flow = FlowState::failed;
        ended(held.job, Is::failed, "");
    }
}

void FlowSimulation::detach_one() {
    std::vector<JobId> children;
    for (const auto& [id, job] : jobs_) {
        if (job.state != Is::gone && !job.parents.empty()) {
            children.push_back(id);
        }
    }
    if (children.empty()) {
        return;
    }
    const JobId id = children[prng_.below(children.size())];
    const ReplyBody body = ask(DetachChild{name_of(id), id.second});
    if (!std::holds_alternative<Done>(body)) {
        findings_.add("flows", "a detaching was answered " + tests::to_text(body));
        return;
    }
    for (const Link& link : jobs_[id].parents) {
        child_detached(link);
    }
}

std::vector<FlowSimulation::JobId> FlowSimulation::below(const JobId& root, Action action) const {
    std::vector<JobId> found{root};
    std::multiset<JobId> parents_left;
    std::set<JobId> known{root};
    const auto wanted = [&](const Child& child) {
        const bool is_parent = !jobs_.at(child.id).children.empty();
        const bool failed = child.state == ChildState::failed || child.state == ChildState::ignored;
        const bool pending = child.state == ChildState::pending;
        return action == Action::retry                ? failed || (pending && is_parent)
               : action == Action::cancel             ? pending || is_parent
               : action == Action::remove_unprocessed ? pending
                                                      : child.state != ChildState::removed;
    };
    const auto each = [&](const JobId& id, const auto& what) {
        const Modelled& job = jobs_.at(id);
        for (const Child& child : job.children) {
            if (wanted(child)) {
                what(child.id);
            }
        }
    };
    for (std::size_t i = 0; i < found.size(); ++i) {
        each(JobId(found[i]), [&](const JobId& child) {
            parents_left.insert(child);
            if (known.insert(child).second) {
                found.push_back(child);
            }
        });
    }
    std::vector<JobId> order{root};
    for (std::size_t i = 0; i < order.size(); ++i) {
        each(JobId(order[i]), [&](const JobId& child) {
            parents_left.erase(parents_left.find(child));
            if (!parents_left.contains(child)) {
                order.push_back(child);
            }
        });
    }
    return order;
}

bool FlowSimulation::has_failed(const JobId& job) {
    ShowJob show;
    show.queue = name_of(job);
    show.offset = job.second;
    const ReplyBody shown = ask(show);
    const auto* messages = std::get_if<MessageList>(&shown);
    return messages != nullptr && messages->messages.front().state == MessageState::failed;
}

void FlowSimulation::acted(const std::vector<JobId>& jobs, Action action) {
    if (action == Action::retry) {
        for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
            if (jobs_[*job].state == Is::failed && !has_failed(*job)) {
                again(*job);
            }
        }
        return;
    }
    std::vector<JobId> gone;
    for (const JobId& job : jobs) {
        if (jobs_[job].state != Is::gone && !is_there(job)) {
            gone.push_back(job);
        }
    }
    for (const JobId& job : gone) {
        for (const Link& link : action == Action::remove_unprocessed ? jobs_[job].parents : std::vector<Link>{}) {
            child_detached(link);
        }
        ended(job, Is::gone, "");
    }
}

/// One action on a whole flow that nobody is known to hold some of.
void FlowSimulation::act() {
    std::vector<JobId> parents;
    for (const auto& [id, job] : jobs_) {
        if (job.state != Is::gone && !job.children.empty()) {
            parents.push_back(id);
        }
    }
    if (parents.empty()) {
        return;
    }
    const JobId root = parents[prng_.below(parents.size())];
    const Action actions[] = {Action::retry, Action::retry, Action::remove_unprocessed, Action::cancel, Action::remove};
    const Action action = actions[prng_.below(std::size(actions))];
    const std::vector<JobId> jobs = below(root, action);
    const bool ends = action == Action::cancel || action == Action::remove;
    if (ends && std::any_of(jobs.begin(), jobs.end(), [&](const JobId& job) { return is_held(job); })) {
        return;
    }
    ActOnFlow request;
    request.action = action;
    request.queue = name_of(root);
    request.offset = root.second;
    const ReplyBody body = ask(request);
    // What is below the root itself is retried in any case.
    const auto left =
        action != Action::retry
            ? 0
            : std::count_if(jobs_[root].children.begin(), jobs_[root].children.end(), [&](const Child& child) {
                  return jobs_[child.id].state == Is::failed && child.state == ChildState::failed &&
                         has_failed(child.id);
              });
    if (left != 0) {
        findings_.add("flows", "a failed child was not retried with its parent");
    }
    if (const auto* refusal = std::get_if<Refusal>(&body)) {
        // Held since before a crash.
        if (action != Action::remove || refusal->code != RefusalCode::wrong_message_state) {
            findings_.add("flows", "an action on a flow was answered " + tests::to_text(body));
        }
        return;
    }
    acted(jobs, action);
}

}  // namespace baton::simulation
