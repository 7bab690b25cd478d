#pragma once
// A seeded run about topics: publishes, subscriptions over one topic and over patterns, with filters and without, and
// bindings; some share by the keys of messages; they join and leave, fall behind, seek, are held or not; topics let go
// what they need not keep; the broker is stopped between any two steps, also while subscriptions look through the past.
// Held against a naive model: each has exactly what it selects, in the order of each topic, from where it began;
// retention takes nothing that is owed, and compaction only what is superseded.
//
// All topics are synced and every request is answered before the next, but for those that a stop cuts off.

#include "tests/simulation/findings.hpp"
#include "tests/simulation/run_coverage.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/support/prng.hpp"
#include "tests/support/round_driver.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

class TopicSimulation {
public:
    explicit TopicSimulation(RunOptions options);
    Outcome run();

private:
    static constexpr core::DurationMs readers_lease_ms = 30'000;

    struct Published {
        std::string payload, kind, key;
        int number = 0;
        core::TimeMs at = 0;
    };
    struct Topic {
        std::vector<Published> log;
        bool interest = false, compact = false;
        std::uint64_t keeps = 0;  // 0 = all
    };
    /// What one selects, for the broker and for the model.
    struct Wanted {
        std::string topics;
        std::optional<std::string> kind;
        std::optional<int> at_least;
        bool any = false;
        bool filtered() const { return kind || at_least; }
        bool wants(const std::string& topic, const Published& message) const;
        core::MessageFilterPtr filter() const;
    };
    using Place = std::pair<std::string, core::Offset>;
    /// A subscription, or the queue of a binding.
    struct Reader {
        std::string queue, name;
        Wanted wanted;
        bool hold = false, binding = false;
        /// One; several where they share by key.
        std::vector<std::uint64_t> consumers;
        bool by_key = false, strict = false, by_last = false;
        /// Of these: done or not, had or not, since a stop cut it off; from before it began, which need not come once
        /// it is superseded; failed or released with its body, which the topic need not keep.
        std::set<Place> owed, doubtful, past, in_lane;
        /// The newest of each topic that came as if new; of its keys where these have an order of their own.
        std::map<std::pair<std::string, std::string>, core::Offset> newest;
        /// What came back, or was held at a stop, and since when it is to come before what is behind it of its key.
        std::map<Place, core::TimeMs> to_come;
        std::uint64_t dropped = 0;
    };
    struct Held {
        core::Token token;
        core::Offset offset = 0;
        Place place;
        std::size_t reader = 0;
        core::TimeMs until = 0;
        std::uint64_t consumer = 0;
    };

    void step();
    void connect();
    void consume(Reader& reader);
    void crash();
    /// A stop while something that was asked for is half done.
    void crash_within(core::RequestBody body);
    bool settle();
    core::ReplyBody ask(core::RequestBody body);
    core::Request request_of(core::RequestBody body);
    void take();
    void taken(const core::Deliver& frame, core::TimeMs decided_at);
    void fetch();
    void end_some();
    void create_topic();
    void publish();
    // topics_joining.cpp
    void join();
    void bind(std::unique_ptr<Reader> reader);
    /// Publishes before the look through the past has come far.
    void join_while_others_publish(std::unique_ptr<Reader> reader, const core::CreateSubscription& create);
    void leave();
    void seek();

    // topics_model.cpp
    Wanted random_wanted();
    void owe(Reader& reader, const core::StartAt& start);
    /// What its topics have let go by their retention: whether the look through the past had come to it, nobody knows.
    void doubt_let_go(Reader& reader);
    /// There is a later one of its key in a topic that is compacted.
    bool superseded(const Place& place);
    /// Compaction may take it from this reader.
    bool may_be_compacted(const Reader& reader, const Place& place);
    static bool selects(const Reader& reader);
    core::StartAt random_start(const Wanted& wanted);
    core::Offset first_of(const std::string& topic);
    void delivered(std::size_t reader, const std::string& payload, bool fresh);
    /// What a delivery of a subscription that selects says of where the message was published.
    void told(std::size_t reader, const std::string& payload, const std::string& topic, core::Offset offset);
    const std::string& key_of(const Place& place) { return topics_[place.first].log[place.second].key; }
    /// Everything is delivered and acked: what is left over was let go by its topic.
    void rest();
    void check_reader(Reader& reader);

    // topics_keys.cpp
    /// The message is with nobody any more: it comes before what is behind it of its key.
    void comes_back(const Held& held, core::TimeMs since);
    /// Its key is with this consumer alone, and nothing that comes before it is to come.
    void check_keys(std::size_t reader, const Place& place, std::uint64_t consumer, core::TimeMs decided_at);

    void check_kept();
    void compare();
    void note(const std::string& text) const;

    RunOptions options_;
    tests::Prng prng_;
    Findings findings_;
    tests::RoundDriver driver_;
    RunCoverage coverage_;
    std::map<std::string, Topic> topics_;
    /// Null: left.
    std::vector<std::unique_ptr<Reader>> readers_;
    std::map<std::string, Place> places_;
    std::vector<Held> held_;
    std::map<std::uint64_t, core::ReplyBody> replies_;
    std::uint64_t connection_ = 0, next_request_ = 1, next_name_ = 1;
    std::uint64_t crashes_ = 0, deliveries_ = 0;
};

}  // namespace baton::simulation
