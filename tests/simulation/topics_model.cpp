// The naive model of topics, and what must hold.
#include "server/core/limits.hpp"
#include "tests/simulation/topics.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

/// Word by word, without haste: the rest of the pattern against the rest of the name.
bool fits(const std::vector<std::string>& pattern, std::size_t p, const std::vector<std::string>& name, std::size_t n) {
    if (p == pattern.size()) {
        return n == name.size();
    }
    if (pattern[p] == "#") {
        for (std::size_t skip = n; skip <= name.size(); ++skip) {
            if (fits(pattern, p + 1, name, skip)) {
                return true;
            }
        }
        return false;
    }
    if (n == name.size()) {
        return false;
    }
    return pattern[p] == ">" || ((pattern[p] == "*" || pattern[p] == name[n]) && fits(pattern, p + 1, name, n + 1));
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (c == '.') {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    return words;
}

bool has_wildcard(const std::string& topics) { return topics.find_first_of("*#>") != std::string::npos; }

}  // namespace

bool TopicSimulation::Wanted::wants(const std::string& topic, const Published& message) const {
    if (!fits(split(topics), 0, split(topic), 0)) {
        return false;
    }
    const bool by_kind = kind && message.kind == *kind, by_number = at_least && message.number >= *at_least;
    if (any && filtered()) {
        return by_kind || by_number;
    }
    return (!kind || by_kind) && (!at_least || by_number);
}

MessageFilterPtr TopicSimulation::Wanted::filter() const {
    if (!filtered()) {
        return nullptr;
    }
    MessageFilter filter;
    filter.any = any;
    if (kind) {
        FilterCondition condition;
        condition.header = "kind";
        condition.test = FilterTest::equals;
        condition.values = {*kind};
        filter.conditions.push_back(condition);
    }
    if (at_least) {
        FilterCondition condition;
        condition.header = "number";
        condition.test = FilterTest::range;
        condition.from = *at_least;
        filter.conditions.push_back(condition);
    }
    return std::make_shared<const MessageFilter>(std::move(filter));
}

TopicSimulation::Wanted TopicSimulation::random_wanted() {
    static const std::vector<std::string> patterns{"#", "*", "a.*", "a.#", "#.x", "a.>", "*.x", "b.#", "#.z"};
    Wanted wanted;
    if (prng_.chance(500)) {
        auto topic = topics_.begin();
        std::advance(topic, prng_.below(topics_.size()));
        wanted.topics = topic->first;
    } else {
        wanted.topics = prng_.pick(patterns);
    }
    if (prng_.chance(400)) {
        wanted.kind = "red";
    }
    if (prng_.chance(300)) {
        wanted.at_least = static_cast<int>(prng_.below(10));
    }
    wanted.any = prng_.chance(300);
    return wanted;
}

Offset TopicSimulation::first_of(const std::string& topic) {
    const ReplyBody body = ask(ShowQueue{topic});
    const auto* info = std::get_if<QueueInfoPtr>(&body);
    return info == nullptr ? 0 : (*info)->first;
}

StartAt TopicSimulation::random_start(const Wanted& wanted) {
    switch (prng_.below(6)) {
        case 5:
            if (has_wildcard(wanted.topics) || topics_[wanted.topics].compact) {
                return StartLastPerKey{};
            }
            break;
        case 4:
            return StartLast{};
        case 0:
            return StartBeginning{};
        case 1:
            return StartTime{driver_.now() - prng_.between(0, 20'000)};
        case 2:
            if (!has_wildcard(wanted.topics)) {
                return StartOffset{prng_.below(topics_[wanted.topics].log.size() + 2)};
            }
            break;
        default:
            break;
    }
    return StartNow{};
}

void TopicSimulation::owe(Reader& reader, const StartAt& start) {
    reader.owed.clear();
    reader.past.clear();
    if (std::holds_alternative<StartNow>(start)) {
        return;
    }
    for (const auto& [name, topic] : topics_) {
        Offset from = first_of(name);
        if (const auto* at = std::get_if<StartOffset>(&start)) {
            from = std::max(from, at->offset);
        }
        if (std::holds_alternative<StartLast>(start) && !topic.log.empty()) {
            from = std::max(from, topic.log.size() - 1);
        }
        const auto* since = std::get_if<StartTime>(&start);
        for (Offset offset = from; offset < topic.log.size(); ++offset) {
            const Published& message = topic.log[offset];
            const Place place{name, offset};
            const bool is_last = topic.compact && !message.key.empty() && !superseded(place);
            if ((since == nullptr || message.at >= since->at) && reader.wanted.wants(name, message) &&
                (is_last || !std::holds_alternative<StartLastPerKey>(start))) {
                reader.owed.insert(place);
                reader.past.insert(place);
            }
        }
    }
}

void TopicSimulation::doubt_let_go(Reader& reader) {
    for (const Place& place : reader.owed) {
        if (!reader.hold && topics_[place.first].keeps != 0 && place.second < first_of(place.first)) {
            reader.doubtful.insert(place);
        }
    }
}

bool TopicSimulation::superseded(const Place& place) {
    const Topic& topic = topics_[place.first];
    const std::string& key = topic.log[place.second].key;
    return topic.compact && !key.empty() &&
           std::any_of(topic.log.begin() + static_cast<std::ptrdiff_t>(place.second) + 1, topic.log.end(),
                       [&key](const Published& later) { return later.key == key; });
}

bool TopicSimulation::may_be_compacted(const Reader& reader, const Place& place) {
    return superseded(place) && !reader.binding && (!reader.hold || reader.past.contains(place));
}

bool TopicSimulation::selects(const Reader& reader) {
    return !reader.binding && (has_wildcard(reader.wanted.topics) || reader.wanted.filtered() || reader.by_last);
}

void TopicSimulation::told(std::size_t index, const std::string& payload, const std::string& topic, Offset offset) {
    const Reader& reader = *readers_[index];
    const auto place = places_.find(payload);
    if (selects(reader) && place != places_.end() && place->second != Place{topic, offset}) {
        findings_.add("told", reader.queue + " got '" + payload + "' as " + topic + "@" + std::to_string(offset));
    }
}

void TopicSimulation::delivered(std::size_t index, const std::string& payload, bool fresh) {
    Reader& reader = *readers_[index];
    const auto place = places_.find(payload);
    if (place == places_.end()) {
        findings_.add("unexpected", reader.queue + " got '" + payload + "', which nobody published");
        return;
    }
    if (!reader.owed.contains(place->second)) {
        findings_.add("unexpected", reader.queue + " got '" + payload + "', which it is not owed");
        return;
    }
    reader.doubtful.erase(place->second);
    if (!fresh) {
        return;
    }
    const std::string& key = key_of(place->second);
    if (reader.by_key && key.empty()) {
        return;  // In no order.
    }
    // Jobs of one key are a group of their queue, and these take turns.
    const std::string order = reader.by_key || reader.binding ? key : std::string();
    const auto [newest, first] = reader.newest.try_emplace({place->second.first, order}, place->second.second);
    if (!first && place->second.second <= newest->second) {
        findings_.add("order", reader.queue + " got '" + payload + "' behind " + std::to_string(newest->second));
    }
    newest->second = place->second.second;
}

void TopicSimulation::check_kept() {
    for (const auto& [name, topic] : topics_) {
        const Offset first = first_of(name);
        for (const auto& reader : readers_) {
            if (!reader || reader->binding || (!reader->hold && !topic.interest)) {
                continue;
            }
            const auto owed = reader->owed.lower_bound(Place{name, 0});
            const bool gone = owed != reader->owed.end() && owed->first == name && owed->second < first &&
                              !reader->doubtful.contains(*owed) && !reader->in_lane.contains(*owed) &&
                              !may_be_compacted(*reader, *owed);
            if (gone) {
                findings_.add("retention", "topic " + name + " let go " + std::to_string(owed->second) + ", which " +
                                               reader->queue + " is owed");
            }
        }
    }
}

void TopicSimulation::rest() {
    // What was to be tried again comes in the rounds behind those in which nothing came.
    int quiet = 0;
    for (int round = 0; round < 400 && quiet < 4 && findings_.none(); ++round) {
        bool some = false;
        for (const auto& reader : readers_) {
            for (std::size_t i = 0; reader && i < reader->consumers.size(); ++i) {
                Fetch fetch;
                fetch.consumer = ConsumerId{reader->consumers[i]};
                fetch.max_messages = 1'000;
                driver_.apply(request_of(fetch));
                settle();
            }
        }
        while (!held_.empty() && findings_.none()) {
            const Held held = held_.back();
            held_.pop_back();
            some = true;
            Settlement settlement;
            settlement.token = held.token;
            settlement.ranges = {{held.offset, 1}};
            settlement.action = Ack{};
            ask(Settle{{settlement}, {}});
            readers_[held.reader]->owed.erase(held.place);
        }
        // Leases that were lost, retries that wait, holds of a restart.
        driver_.advance(some ? 10 : 700'000);
        settle();
        quiet = some ? 0 : quiet + 1;
    }
    for (const auto& reader : readers_) {
        if (reader && findings_.none()) {
            check_reader(*reader);
        }
    }
    for (int i = 0; i < 4; ++i) {
        driver_.advance(1'500);
        settle();
    }
    for (const auto& [name, topic] : topics_) {
        if (topic.interest && findings_.none() && first_of(name) != topic.log.size()) {
            findings_.add("retention", "topic " + name + " keeps what all are done with");
        }
    }
}

void TopicSimulation::check_reader(Reader& reader) {
    const ReplyBody body = ask(ShowQueue{reader.queue});
    const auto* info = std::get_if<QueueInfoPtr>(&body);
    if (info == nullptr) {
        findings_.add("conservation", reader.queue + " cannot be shown");
        return;
    }
    const QueueInfo& now = **info;
    if (now.waiting + now.grouped + now.leased + now.delayed + now.failed + now.live_bytes != 0 || now.estimated) {
        findings_.add("conservation", reader.queue + " has something left: " + tests::to_text(body));
        return;
    }
    std::erase_if(reader.owed, [&](const Place& place) {
        return reader.doubtful.contains(place) || may_be_compacted(reader, place);
    });
    reader.doubtful.clear();
    const std::uint64_t dropped = now.totals.dropped + now.totals.cancelled - reader.dropped;
    for (const Place& place : reader.owed) {
        const bool kept = reader.hold || reader.binding || topics_[place.first].interest;
        if (kept || place.second >= first_of(place.first)) {
            findings_.add("lost", reader.queue + " never got " + place.first + ' ' + std::to_string(place.second));
            return;
        }
    }
    if (dropped < reader.owed.size()) {
        findings_.add("lost", reader.queue + " lost " + std::to_string(reader.owed.size()) + " and counts " +
                                  std::to_string(dropped));
    }
    reader.dropped += dropped;
    reader.owed.clear();
}

void TopicSimulation::compare() {
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
