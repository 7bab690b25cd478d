#include "baton/handlers.hpp"

#include "client/topic_pattern.hpp"

#include <stdexcept>

namespace baton {

Handlers& Handlers::on(std::string topics, Worker::Handler handler) {
    if (!detail::is_topic_pattern(topics)) {
        throw std::invalid_argument("'" + topics + "' is no topic and no pattern of topics");
    }
    handlers_.push_back({std::move(topics), std::move(handler)});
    return *this;
}

Handlers& Handlers::otherwise(Worker::Handler handler) {
    otherwise_ = std::move(handler);
    return *this;
}

Outcome Handlers::operator()(Job& job) const {
    const std::string_view topic = job.message().topic();
    for (const One& one : handlers_) {
        if (detail::topic_matches(one.topics, topic)) {
            return one.handler(job);
        }
    }
    return otherwise_ ? otherwise_(job) : Outcome::permanent("no handler for topic '" + std::string(topic) + "'");
}

}  // namespace baton
