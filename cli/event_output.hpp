#pragma once
// Events as JSON objects and as lines of text. Data that is not valid UTF-8 becomes base64.

#include "baton/events.hpp"

#include <boost/json/fwd.hpp>

namespace baton::cli {

boost::json::object event_json(const Event& event);
/// One line to standard output.
void print_event(const Event& event);

}  // namespace baton::cli
