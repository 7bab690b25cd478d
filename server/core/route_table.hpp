#pragma once
// Who selects messages of which topics: a tree of the words of all patterns of one namespace, so that the routes of a
// topic are found in steps of its words, however many patterns there are. One thread.

#include "server/core/selection.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baton::core {

struct Binding;
struct Listener;
struct Queue;

/// Of one subscription, binding or listener; owned by it.
struct Route {
    SelectionPtr selects;
    /// One of these is set.
    Queue* subscription = nullptr;
    const Binding* binding = nullptr;
    Listener* listener = nullptr;
    /// In the order in which they were made: the order in which they are served.
    std::uint64_t number = 0;
    /// The last produce that reached it.
    std::uint64_t reached_by = 0;
};

class RouteTable {
public:
    /// The route must stay where it is until it is removed.
    void add(Route& route);
    void remove(const Route& route);
    /// Those whose pattern stands for this topic, by number.
    std::vector<Route*> routes_of(std::string_view topic) const;
    /// Another one than before when routes were added or removed; never 0.
    std::uint64_t version() const { return version_; }

private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> words;
        std::vector<Route*> routes;
    };
    class Search;

    Node root_;
    std::uint64_t version_ = 1;
    std::uint64_t next_number_ = 1;
};

}  // namespace baton::core
