// What jobs that end do to those that wait for them, as the model has it, and what the broker says held against it.
#include "tests/simulation/flows.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace baton::simulation {

using namespace core;

bool FlowSimulation::holds(const Modelled& parent) const {
    return std::any_of(parent.children.begin(), parent.children.end(), [](const Child& child) {
        return child.state == ChildState::pending ||
               (child.state == ChildState::failed && child.policy == FailurePolicy::wait);
    });
}

void FlowSimulation::ended(const JobId& id, Is state, const std::string& result) {
    Modelled& job = jobs_[id];
    job.state = state;
    const std::vector<Link> parents = job.parents;
    for (const Link& link : parents) {
        child_ended(link, state, result);
    }
}

void FlowSimulation::child_ended(const Link& link, Is state, const std::string& result) {
    Modelled& parent = jobs_[link.parent];
    if (parent.state == Is::gone) {
        return;
    }
    Child& child = parent.children[link.index];
    if (child.state == ChildState::removed) {
        return;
    }
    const bool lost = state != Is::completed;
    const bool held = child.state == ChildState::pending ||
                      (child.state == ChildState::failed && child.policy == FailurePolicy::wait);
    if (lost ? !held : child.state == ChildState::completed) {
        return;
    }
    child.result = lost ? "" : result;
    const bool stays = child.policy == FailurePolicy::wait && state == Is::failed;
    child.state = !lost                                           ? ChildState::completed
                  : child.policy == FailurePolicy::ignore         ? ChildState::ignored
                  : child.policy == FailurePolicy::remove         ? ChildState::removed
                  : child.policy == FailurePolicy::wait && !stays ? ChildState::removed
                                                                  : ChildState::failed;
    if (parent.state != Is::waiting_children) {
        return;
    }
    if (lost && child.policy == FailurePolicy::fail_parent) {
        parent.flow = FlowState::failed;
        ended(link.parent, Is::failed, "");
    } else if ((lost && child.policy == FailurePolicy::continue_parent) || !holds(parent)) {
        parent.flow = FlowState::released;
        parent.state = Is::ready;
    }
}

void FlowSimulation::child_detached(const Link& link) {
    Modelled& parent = jobs_[link.parent];
    Child& child = parent.children[link.index];
    const bool held = child.state == ChildState::pending ||
                      (child.state == ChildState::failed && child.policy == FailurePolicy::wait);
    if (parent.state == Is::gone || !held) {
        return;
    }
    child.state = ChildState::removed;
    if (parent.state == Is::waiting_children && !holds(parent)) {
        parent.flow = FlowState::released;
        parent.state = Is::ready;
    }
}

void FlowSimulation::again(const JobId& id) {
    Modelled& job = jobs_[id];
    for (const Link& link : job.parents) {
        Modelled& parent = jobs_[link.parent];
        Child& child = parent.children[link.index];
        if (parent.state != Is::gone && parent.flow != FlowState::released && child.state != ChildState::removed) {
            child.state = ChildState::pending;
        }
    }
    job.state = Is::ready;
    if (!job.children.empty() && job.flow == FlowState::failed) {
        job.flow = holds(job) ? FlowState::waiting : FlowState::released;
        job.state = holds(job) ? Is::waiting_children : Is::ready;
        for (Child& child : job.children) {
            const bool had_its_say = child.state == ChildState::failed && child.policy == FailurePolicy::fail_parent;
            child.state = had_its_say ? ChildState::ignored : child.state;
        }
    }
}

bool FlowSimulation::is_kept(const Modelled& job) const {
    const bool failing = std::any_of(job.children.begin(), job.children.end(), [](const Child& child) {
        return child.state == ChildState::failed && child.policy == FailurePolicy::fail_parent;
    });
    return job.flow == FlowState::open && (failing || holds(job));
}

void FlowSimulation::check_fresh() {
    for (const JobId& id : std::exchange(fresh_, {})) {
        const auto job = jobs_.find(id);
        if (job == jobs_.end() || (job->second.state != Is::ready && job->second.state != Is::gone)) {
            findings_.add("flows", "job " + std::to_string(id.second) + " of " + name_of(id) +
                                       " was delivered and was not ready");
        }
    }
}

void FlowSimulation::check() {
    settle();
    for (const auto& [id, job] : jobs_) {
        if (!findings_.none()) {
            return;
        }
        if (job.state != Is::gone && !job.children.empty()) {
            check_flow(id, job);
        }
    }
}

void FlowSimulation::check_flow(const JobId& id, const Modelled& job) {
    const char* const queue = name_of(id);
    const std::string name = "flow of job " + std::to_string(id.second) + " of " + queue;
    ShowJob show;
    show.queue = queue;
    show.offset = id.second;
    const ReplyBody shown = ask(show);
    const auto* messages = std::get_if<MessageList>(&shown);
    if (messages == nullptr) {
        findings_.add("flows", name + ": its parent is answered " + tests::to_text(shown));
        return;
    }
    const MessageState state = messages->messages.front().state;
    const bool right = job.state == Is::waiting_children ? state == MessageState::waiting_children
                       : job.state == Is::completed      ? state == MessageState::completed
                       : job.state == Is::failed
                           ? state == MessageState::failed
                           : state == MessageState::waiting || state == MessageState::prioritized ||
                                 state == MessageState::delayed || state == MessageState::leased;
    if (!right) {
        findings_.add("flows", name + ": its parent is in state " + std::to_string(static_cast<int>(state)) +
                                   " and should be " + std::to_string(static_cast<int>(job.state)));
        return;
    }
    ListChildren list;
    list.queue = queue;
    list.offset = id.second;
    list.limit = 100;
    const ReplyBody body = ask(list);
    const auto* children = std::get_if<ChildList>(&body);
    if (children == nullptr || children->children.size() != job.children.size()) {
        findings_.add("flows", name + ": its children are answered " + tests::to_text(body));
        return;
    }
    for (std::size_t i = 0; i < job.children.size(); ++i) {
        const FlowChild& told = children->children[i].child;
        const std::string result = told.result ? told.result->value : "";
        if (told.state != job.children[i].state ||
            (told.state == ChildState::completed && result != job.children[i].result)) {
            findings_.add("flows", name + ": child " + std::to_string(i) + " is in state " +
                                       std::to_string(static_cast<int>(told.state)) + " with '" + result +
                                       "' and should be in " + std::to_string(static_cast<int>(job.children[i].state)) +
                                       " with '" + job.children[i].result + "'");
        }
    }
}

void FlowSimulation::compare() {
    settle();
    const std::string live = driver_.core().durable_digest();
    const std::string restored = driver_.restored_copy()->durable_digest();
    if (live != restored) {
        const auto differs = std::mismatch(live.begin(), live.end(), restored.begin(), restored.end());
        const auto at = static_cast<std::size_t>(differs.first - live.begin());
        const std::size_t from = at < 200 ? 0 : at - 200;
        findings_.add("restored state",
                      "live: ..." + live.substr(from, 400) + "\n    restored: ..." + restored.substr(from, 400));
    }
}

}  // namespace baton::simulation
