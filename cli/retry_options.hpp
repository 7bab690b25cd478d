#pragma once
// Backoffs and retry rules as people write them. Each throws std::invalid_argument that quotes what was given.

#include <boost/json/fwd.hpp>

#include <baton/queue.hpp>
#include <string>

namespace baton::cli {

/// "fixed:5s", "linear:1s", "exponential:1s", each with ":CAP" and ":JITTER" (0 to 1) if wanted; "list:1s,5s,1m".
Backoff parse_backoff(const std::string& text);
/// "HTTP-4*=fail", "HTTP-429=retry-after", "net.*=retry", the last two with "@BACKOFF" if wanted.
RetryRule parse_retry_rule(const std::string& text);

boost::json::object to_json(const Backoff& backoff);
boost::json::object to_json(const RetryRule& rule);

}  // namespace baton::cli
