#pragma once
// Schedules between the generated protocol messages and the public values.

#include "baton/schedules.hpp"

namespace baton::v1 {
class ScheduleInfo;
class ScheduleSpec;
class ScheduleTiming;
}  // namespace baton::v1

namespace baton::detail {

void to_proto(const ScheduleTiming& from, v1::ScheduleTiming& to);
void to_proto(const Schedule& from, v1::ScheduleSpec& to);
ScheduleInfo from_proto(const v1::ScheduleInfo& from);

}  // namespace baton::detail
