#pragma once
// Names of time zones and what their clocks show, from the system's tz database (package tzdata) through a library,
// which reads each zone once. Any thread; the reader thread calls it, since it opens files.
//
// The database lists the changes of a zone up to 2037; later, the offset of the end of that year stays.

#include "server/core/cron_next.hpp"

#include <optional>
#include <string>

namespace baton::engine {

/// The changes of a zone in (from, until); nothing when the database has no zone of this name.
std::optional<core::ZoneSpan> zone_span(const std::string& name, core::TimeMs from, core::TimeMs until);

}  // namespace baton::engine
