#include "server/core/route_table.hpp"

#include "server/core/require.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

namespace baton::core {

/// One walk down the tree with the words of a topic.
class RouteTable::Search {
public:
    explicit Search(std::string_view topic) : words_(words_of(topic)) {}

    void visit(const Node& node, std::size_t at) {
        // Behind a `#` the same place is reached on several ways: without this their number would multiply.
        if (!seen_.emplace(&node, at).second) {
            return;
        }
        if (at == words_.size()) {
            found_.insert(found_.end(), node.routes.begin(), node.routes.end());
        } else {
            go(node, words_[at], at + 1);
            go(node, "*", at + 1);
            go(node, ">", words_.size());
        }
        if (const Node* many = child(node, "#")) {
            for (std::size_t next = at; next <= words_.size(); ++next) {
                visit(*many, next);
            }
        }
    }
    std::vector<Route*> take() {
        std::sort(found_.begin(), found_.end(), [](const Route* a, const Route* b) { return a->number < b->number; });
        return std::move(found_);
    }

private:
    static const Node* child(const Node& node, std::string_view word) {
        const auto found = node.words.find(word);
        return found == node.words.end() ? nullptr : found->second.get();
    }
    void go(const Node& node, std::string_view word, std::size_t next) {
        if (const Node* down = child(node, word)) {
            visit(*down, next);
        }
    }

    std::vector<std::string_view> words_;
    std::set<std::pair<const Node*, std::size_t>> seen_;
    std::vector<Route*> found_;
};

void RouteTable::add(Route& route) {
    Node* node = &root_;
    for (const std::string_view word : words_of(route.selects->pattern)) {
        auto& next = node->words[std::string(word)];
        if (!next) {
            next = std::make_unique<Node>();
        }
        node = next.get();
    }
    route.number = next_number_++;
    node->routes.push_back(&route);
    ++version_;
}

void RouteTable::remove(const Route& route) {
    std::vector<std::pair<Node*, std::string>> path;
    Node* node = &root_;
    for (const std::string_view word : words_of(route.selects->pattern)) {
        path.emplace_back(node, word);
        const auto next = node->words.find(word);
        require(next != node->words.end(), "a route is where its pattern says");
        node = next->second.get();
    }
    std::erase(node->routes, &route);
    for (auto step = path.rbegin(); step != path.rend(); ++step) {
        const auto next = step->first->words.find(step->second);
        if (!next->second->routes.empty() || !next->second->words.empty()) {
            break;
        }
        step->first->words.erase(next);
    }
    ++version_;
}

std::vector<Route*> RouteTable::routes_of(std::string_view topic) const {
    Search search(topic);
    search.visit(root_, 0);
    return search.take();
}

}  // namespace baton::core
