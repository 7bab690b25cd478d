#pragma once
// Rows that only answers tell: what is a duplicate of something, what is refused, what a holder may do to its lease.

#include "server/core/effect.hpp"
#include "tests/simulation/coverage_watch.hpp"

namespace baton::simulation {

class CoverageAnswers {
public:
    explicit CoverageAnswers(CoverageWatch& watch) : watch_(watch) {}

    void answered(const core::RequestBody& request, const core::ReplyBody& answer);

private:
    void produced(const core::Produce& request, const core::ReplyBody& answer);
    void outcome(const core::Produce& request, const core::ItemOutcome& outcome, core::QueueId queue);
    void settled(const core::Settle& request, const core::Settled& answer);
    void refused_to_edit(const core::RequestBody& request, core::RefusalCode code);
    void refused(core::QueueId queue, core::Offset offset, Trigger trigger);
    void removed(const core::RemoveJobs& request, const core::JobsRemoved& answer);
    void cancelled(const core::CancelJobs& request, const core::JobsCancelled& answer);
    void of_holder(const core::RequestBody& request, const core::ReplyBody& answer);
    void unchanged(const core::Token& token, core::Offset offset, Trigger trigger);

    CoverageWatch& watch_;
};

}  // namespace baton::simulation
