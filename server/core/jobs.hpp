#pragma once
// What requests and reads about single messages and lanes lead to. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/read.hpp"
#include "server/core/request.hpp"

#include <memory>

namespace baton::core {

struct LoadJobs;
struct LoadTail;
struct Queue;
struct Round;
struct State;
struct Task;

void apply_job_request(State& state, Request&& request, TimeMs now, Round& round);  // jobs.cpp
void start_promote_all(State& state, Request&& request, TimeMs now, Round& round);  // promote_all.cpp
void step_promote_all(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                      Round& round);
/// The part of a redrive that goes through the prioritized lane.
void step_redrive_lane(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                       Round& round);  // redrive.cpp
/// Runs the parked request again with what was read for it. job_answers.cpp
void jobs_arrived(State& state, QueueId id, LoadJobs&& load, LaneRead&& found, TimeMs now, Round& round);
void tail_arrived(State& state, QueueId id, LoadTail&& load, LaneRead&& found, TimeMs now, Round& round);

}  // namespace baton::core
