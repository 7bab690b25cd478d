#pragma once
// Messages and queues as JSON objects and as text. Payloads that are not valid UTF-8 become base64.

#include "baton/baton.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::cli {

/// Milliseconds since 1970; 0 becomes null.
boost::json::value time_json(std::int64_t ms);
std::string base64(std::string_view bytes);
boost::json::object to_json(const MessageView& message);
boost::json::object to_json(const StoredMessage& message);
boost::json::object to_json(const QueueInfo& queue);
boost::json::object to_json(const Counted& counted);
boost::json::object to_json(const JobEnd& end);

/// One line of JSON to standard output.
void print_json(const boost::json::object& object);
/// Untrusted text on a terminal: control characters are escaped, long payloads are cut.
std::string printable(std::string_view text, std::size_t bytes_max);
void print_text(const StoredMessage& message);
void print_text(const QueueInfo& queue);

}  // namespace baton::cli
