// Bindings: made, listed and removed, and the options of the jobs that they make.
#include "server/core/entry_fields.hpp"
#include "server/core/limits.hpp"
#include "server/core/routing.hpp"
#include "server/core/state.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

PutBinding record_of(const Binding& binding) { return {binding.ns, binding.id, binding.queue, binding.spec}; }

void enter(State& state, std::unique_ptr<Binding> made) {
    Binding& binding = *made;
    binding.route.selects = binding.spec.selects;
    binding.route.binding = &binding;
    state.routing.tables[binding.ns].add(binding.route);
    state.routing.bindings[{binding.ns, binding.spec.name}] = std::move(made);
}

void leave(State& state, const Binding& binding, Round& round) {
    round.mutations.push_back(RemoveBinding{binding.ns, binding.id, binding.queue});
    round.needs_sync = true;
    state.routing.tables[binding.ns].remove(binding.route);
    state.routing.bindings.erase({binding.ns, binding.spec.name});
}

std::optional<Refusal> check_binding(const Queue& queue, const BindingSpec& spec) {
    if (queue.kind != QueueKind::queue) {
        return Refusal{RefusalCode::wrong_kind, "a binding leads into a queue", "create_binding.queue"};
    }
    auto fault = check_name(spec.name, "create_binding.name");
    fault = fault ? fault : check_pattern(spec.selects->pattern, "create_binding.topics");
    if (!fault && spec.selects->filter) {
        fault = check_message_filter(*spec.selects->filter, "create_binding.filter");
    }
    EntryOptions options;
    options.delay_ms = spec.options.delay_ms;
    options.ttl_ms = spec.options.ttl_ms;
    options.priority = spec.options.priority;
    fault = fault ? fault : check_options(queue, options);
    if (!fault && (spec.options.group_header.size() > limits::filter_header_bytes_max ||
                   spec.options.priority_header.size() > limits::filter_header_bytes_max)) {
        fault = invalid("create_binding.options", "a header has at most 1024 bytes", limits::filter_header_bytes_max);
    }
    return fault;
}

bool same(const BindingSpec& a, const BindingSpec& b) {
    return a.selects->pattern == b.selects->pattern && same_filter(a.selects->filter, b.selects->filter) &&
           a.options == b.options;
}

void create_binding(State& state, Request&& request, Round& round) {
    auto create = std::get<CreateBinding>(std::move(request.body));
    const Queue* queue = state.find(request.ns, create.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(create.queue), round);
        return;
    }
    if (auto fault = check_binding(*queue, create.spec)) {
        reply(request, std::move(*fault), round);
        return;
    }
    const auto known = state.routing.bindings.find({queue->ns, create.spec.name});
    if (known != state.routing.bindings.end()) {
        const Binding& there = *known->second;
        if (there.queue == queue->id && same(there.spec, create.spec)) {
            reply(request, Done{}, round);
            return;
        }
        if (!create.update) {
            refuse(request, RefusalCode::binding_exists, "a binding of this name exists and differs",
                   "create_binding.name", round);
            return;
        }
        leave(state, there, round);
    } else if (state.routing.bindings.size() >= limits::bindings_max) {
        reply(request, Refusal{RefusalCode::too_many_queues, "there are too many bindings", "", limits::bindings_max},
              round);
        return;
    }
    auto made = std::make_unique<Binding>();
    made->ns = queue->ns;
    made->id = BindingId{state.next_queue++};
    made->queue = queue->id;
    made->spec = std::move(create.spec);
    state.shard_dirty = true;
    round.mutations.push_back(record_of(*made));
    round.needs_sync = true;
    enter(state, std::move(made));
    reply(request, Done{}, round);
}

/// The number of a namespace that exists, or 0.
NamespaceId namespace_id(const State& state, const Request& request) {
    const auto space = state.namespaces.find(request.ns.empty() ? std::string("default") : request.ns);
    return space == state.namespaces.end() ? NamespaceId{} : space->second.id;
}

void delete_binding(State& state, const Request& request, Round& round) {
    const std::string& name = std::get<DeleteBinding>(request.body).name;
    const auto known = state.routing.bindings.find({namespace_id(state, request), name});
    if (known == state.routing.bindings.end()) {
        refuse(request, RefusalCode::binding_not_found, "there is no binding named '" + name + "'",
               "delete_binding.name", round);
        return;
    }
    leave(state, *known->second, round);
    reply(request, Done{}, round);
}

void list_bindings(State& state, const Request& request, Round& round) {
    const auto& list = std::get<ListBindings>(request.body);
    const NamespaceId ns = namespace_id(state, request);
    const std::uint32_t limit = std::clamp<std::uint32_t>(list.limit, 1, limits::bindings_per_page_max);
    const auto& bindings = state.routing.bindings;
    auto next =
        list.after < list.prefix ? bindings.lower_bound({ns, list.prefix}) : bindings.upper_bound({ns, list.after});
    BindingList out;
    for (; next != bindings.end() && next->first.first == ns && next->first.second.starts_with(list.prefix); ++next) {
        if (out.bindings.size() == limit) {
            out.next = out.bindings.back().spec.name;
            break;
        }
        const Queue* queue = state.find(next->second->queue);
        out.bindings.push_back({queue == nullptr ? std::string() : queue->name, next->second->spec});
    }
    reply(request, std::move(out), round);
}

/// What a message of a topic has of its own.
EntryOptions own_options(const MessageMeta& meta, TimeMs now) {
    EntryOptions out;
    if (meta.expires_at != 0) {
        out.ttl_ms = std::max<DurationMs>(1, meta.expires_at - now);
    }
    if (meta.lease_ms != 0) {
        out.lease_ms = meta.lease_ms;
    }
    if (meta.run_limit_ms != 0) {
        out.run_limit_ms = meta.run_limit_ms;
    }
    if (meta.max_attempts != 0) {
        out.max_attempts = meta.max_attempts;
    }
    if (meta.backoff) {
        out.backoff = *meta.backoff;
    }
    if (meta.group) {
        out.group = meta.group->name;
    }
    return out;
}

}  // namespace

bool is_binding_request(const RequestBody& body) {
    return std::holds_alternative<CreateBinding>(body) || std::holds_alternative<DeleteBinding>(body) ||
           std::holds_alternative<ListBindings>(body);
}

void apply_binding_request(State& state, Request&& request, Round& round) {
    if (std::holds_alternative<CreateBinding>(request.body)) {
        create_binding(state, std::move(request), round);
    } else if (std::holds_alternative<DeleteBinding>(request.body)) {
        delete_binding(state, request, round);
    } else {
        list_bindings(state, request, round);
    }
}

void remove_bindings_of(State& state, const Queue& queue, Round& round) {
    if (queue.kind != QueueKind::queue) {
        return;
    }
    std::vector<const Binding*> gone;
    for (const auto& [name, binding] : state.routing.bindings) {
        if (binding->queue == queue.id) {
            gone.push_back(binding.get());
        }
    }
    for (const Binding* binding : gone) {
        leave(state, *binding, round);
    }
}

void restore_binding(State& state, const PutBinding& record) {
    auto made = std::make_unique<Binding>();
    made->ns = record.ns;
    made->id = record.id;
    made->queue = record.queue;
    made->spec = record.spec;
    enter(state, std::move(made));
}

EntryOptions options_of(const BindingOptions& options, const EntryRun& entry, const MetaPtr& meta, TimeMs now) {
    EntryOptions out = meta ? own_options(*meta, now) : EntryOptions{};
    out.delay_ms = options.delay_ms;
    out.ttl_ms = options.ttl_ms ? options.ttl_ms : out.ttl_ms;
    out.priority = options.priority;
    if (!options.priority_header.empty()) {
        const std::string_view text = entry_header(entry, options.priority_header).value_or("");
        std::uint32_t priority = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), priority);
        if (error == std::errc() && end == text.data() + text.size() && priority <= limits::priority_max) {
            out.priority = priority;
        }
    }
    if (auto named = group_by_header(options, entry)) {
        out.group = std::move(named);
    }
    return out;
}

std::optional<std::string> group_by_header(const BindingOptions& options, const EntryRun& entry) {
    if (options.group_header.empty()) {
        return std::nullopt;
    }
    const std::string_view group = entry_header(entry, options.group_header).value_or("");
    const bool named = !group.empty() && group.size() <= limits::group_bytes_max;
    return named ? std::optional(std::string(group)) : std::nullopt;
}

}  // namespace baton::core
