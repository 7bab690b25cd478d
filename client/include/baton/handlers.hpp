#pragma once
// What a worker of one subscription does with messages of several topics: a handler for each.
//
//     baton::Handlers handlers;
//     handlers.on("order.created", [](baton::Job& job) { ... })
//         .on("order.*.failed", [](baton::Job& job) { ... })
//         .otherwise([](baton::Job& job) { ... });
//     baton::Worker audit(client, "order.#/audit", handlers);

#include "baton/worker.hpp"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace baton {

/// A handler of a Worker that chooses another by the topic that a message was published to. Copies share nothing; what
/// is called runs on the worker's threads.
class Handlers {
public:
    /// For the topics of a pattern: * is one word, # any number, > one or more at the end. Of those that match, the one
    /// that was given first runs. Throws std::invalid_argument when the pattern is none.
    Handlers& on(std::string topics, Worker::Handler handler);
    template <typename F, typename = std::enable_if_t<std::is_void_v<std::invoke_result_t<F&, Job&>>>>
    Handlers& on(std::string topics, F handler) {
        return on(std::move(topics), returning(std::move(handler)));
    }
    /// For all others. Without, they fail for good, so that they are found in the failed set and not lost.
    Handlers& otherwise(Worker::Handler handler);
    template <typename F, typename = std::enable_if_t<std::is_void_v<std::invoke_result_t<F&, Job&>>>>
    Handlers& otherwise(F handler) {
        return otherwise(returning(std::move(handler)));
    }

    Outcome operator()(Job& job) const;

private:
    struct One {
        std::string topics;
        Worker::Handler handler;
    };
    template <typename F>
    static Worker::Handler returning(F handler) {
        return [h = std::move(handler)](Job& job) mutable {
            h(job);
            return Outcome::ok();
        };
    }

    std::vector<One> handlers_;
    Worker::Handler otherwise_;
};

}  // namespace baton
