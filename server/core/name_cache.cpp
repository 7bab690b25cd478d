#include "server/core/name_cache.hpp"

#include "server/core/limits.hpp"

namespace baton::core {

const std::optional<NameRecord>* NameCache::find(const Name& name) const {
    const auto found = known_.find(name);
    return found == known_.end() ? nullptr : &found->second.record;
}

void NameCache::put(const Name& name, std::optional<NameRecord>&& record) {
    known_[name] = {std::move(record), ++version_};
    order_.emplace_back(version_, name);
    shrink();
}

void NameCache::changed(const Name& name, std::optional<NameRecord> record) {
    if (!open_.empty() || known_.contains(name)) {
        put(name, std::move(record));
    }
}

std::uint64_t NameCache::begin() {
    open_.insert(++version_);
    return version_;
}

void NameCache::learn(const Name& name, std::uint64_t begun, std::optional<NameRecord> record) {
    asked_.erase(name);
    if (holds(name, begun)) {
        put(name, std::move(record));
    }
}

void NameCache::end(std::uint64_t begun) {
    open_.erase(begun);
    shrink();
}

bool NameCache::holds(const Name& name, std::uint64_t begun) const {
    const auto found = known_.find(name);
    return found == known_.end() || found->second.at < begun;
}

bool NameCache::ask(const Name& name) { return asked_.insert(name).second; }

void NameCache::shrink() {
    while (order_.size() > limits::names_known_max) {
        const auto& [at, name] = order_.front();
        if (!open_.empty() && at >= *open_.begin()) {
            return;  // A read under way may bring what was before this.
        }
        if (const auto found = known_.find(name); found != known_.end() && found->second.at == at) {
            known_.erase(found);
        }
        order_.pop_front();
    }
}

}  // namespace baton::core
