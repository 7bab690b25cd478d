#include "client/job_convert.hpp"

#include "baton/v1/queue.pb.h"
#include "client/wire_time.hpp"

namespace baton::detail {

void to_proto(const std::string& queue, const JobName& job, const JobChange& change, v1::ChangeJob& out) {
    out.set_queue(queue);
    out.set_offset(job.offset());
    out.set_id(job.id());
    if (change.priority) {
        out.set_priority(*change.priority);
    }
    if (change.lifo) {
        out.set_lifo(*change.lifo);
    }
    if (change.delay) {
        out.set_delay_ms(count_of(*change.delay));
    }
    if (change.due_ms) {
        out.set_due_ms(*change.due_ms);
    }
}

}  // namespace baton::detail
