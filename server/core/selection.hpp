#pragma once
// What a subscription, a binding or a listener wants: messages of the topics that a pattern stands for, those that a
// filter lets through. Plain values.

#include "server/core/message_filter.hpp"

#include <memory>
#include <string>

namespace baton::core {

struct Selection {
    /// Of names of topics; one without wildcards is the name of one topic.
    std::string pattern;
    /// Null: all messages.
    MessageFilterPtr filter;
};
using SelectionPtr = std::shared_ptr<const Selection>;

inline bool same_filter(const MessageFilterPtr& a, const MessageFilterPtr& b) {
    static const MessageFilter all;
    return (a ? *a : all) == (b ? *b : all);
}

}  // namespace baton::core
