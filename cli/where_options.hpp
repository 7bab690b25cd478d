#pragma once
// `--where CONDITION`: which messages of topics are meant.

#include "baton/filter.hpp"

#include <boost/json/fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace baton::cli {

struct WhereOptions {
    std::vector<std::string> conditions;
    bool any = false;

    /// Nothing when none was given. Throws std::invalid_argument that says what is wrong with a condition.
    std::optional<Filter> filter() const;
};

/// Adds --where and --any.
std::shared_ptr<WhereOptions> add_where_options(CLI::App& command);
/// As `filter()` would read it.
std::string to_text(const FilterCondition& condition);
boost::json::object to_json(const Filter& filter);

}  // namespace baton::cli
