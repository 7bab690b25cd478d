#include "cli/retry_options.hpp"

#include "cli/units.hpp"

#include <boost/json.hpp>

#include <sstream>
#include <stdexcept>
#include <vector>

namespace baton::cli {

namespace json = boost::json;

Backoff parse_backoff(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ':');) {
        parts.push_back(part);
    }
    if (parts.size() < 2) {
        throw std::invalid_argument("'" + text + "' is not a backoff (exponential:1s:1h:0.2, fixed:5s, list:1s,1m)");
    }
    Backoff backoff;
    if (parts[0] == "list") {
        backoff.kind = Backoff::Kind::list;
        backoff.jitter_permille = 0;
        std::istringstream delays(parts[1]);
        for (std::string delay; std::getline(delays, delay, ',');) {
            backoff.list.push_back(parse_duration(delay));
        }
    } else if (parts[0] == "fixed" || parts[0] == "linear" || parts[0] == "exponential") {
        backoff.kind = parts[0] == "fixed"    ? Backoff::Kind::fixed
                       : parts[0] == "linear" ? Backoff::Kind::linear
                                              : Backoff::Kind::exponential;
        backoff.base = parse_duration(parts[1]);
    } else {
        throw std::invalid_argument("'" + parts[0] + "' is no kind of backoff (fixed, linear, exponential, list)");
    }
    if (parts.size() > 2) {
        backoff.cap = parse_duration(parts[2]);
    }
    if (parts.size() > 3) {
        backoff.jitter_permille = static_cast<std::uint32_t>(std::stod(parts[3]) * 1'000);
    }
    return backoff;
}

RetryRule parse_retry_rule(const std::string& text) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0) {
        throw std::invalid_argument("'" + text +
                                    "' is no retry rule (HTTP-4*=fail, HTTP-429=retry-after, net.*=retry@fixed:5s)");
    }
    RetryRule rule;
    rule.pattern = text.substr(0, equals);
    std::string action = text.substr(equals + 1);
    if (const std::size_t at = action.find('@'); at != std::string::npos) {
        rule.backoff = parse_backoff(action.substr(at + 1));
        action.resize(at);
    }
    for (const auto known : {RetryRule::Action::retry, RetryRule::Action::fail, RetryRule::Action::retry_after}) {
        if (action == to_text(known)) {
            rule.action = known;
            return rule;
        }
    }
    throw std::invalid_argument("'" + action + "' is not what a rule says (retry, fail, retry-after)");
}

json::object to_json(const Backoff& backoff) {
    json::array list;
    for (const auto delay : backoff.list) {
        list.push_back(delay.count());
    }
    return {{"kind", to_text(backoff.kind)},
            {"base_ms", backoff.base.count()},
            {"cap_ms", backoff.cap.count()},
            {"jitter_permille", backoff.jitter_permille},
            {"list_ms", std::move(list)}};
}

json::object to_json(const RetryRule& rule) {
    json::object out{{"pattern", rule.pattern}, {"action", to_text(rule.action)}};
    if (rule.backoff) {
        out["backoff"] = to_json(*rule.backoff);
    }
    return out;
}

}  // namespace baton::cli
