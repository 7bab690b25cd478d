#pragma once
// Where checkers put what they find, and the trace of a run. The first finding of a seed is the one that counts.

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

struct Finding {
    std::string checker;
    std::string text;
};

class Findings {
public:
    void add(std::string checker, std::string text) {
        if (all_.size() < 20) {
            all_.push_back(Finding{std::move(checker), std::move(text)});
        }
    }
    bool none() const { return all_.empty(); }
    const std::vector<Finding>& all() const { return all_; }

private:
    std::vector<Finding> all_;
};

}  // namespace baton::simulation
