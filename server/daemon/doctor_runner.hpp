#pragma once
// Examines the store in the background, one examination at a time and slowly.

#include "server/daemon/background_work.hpp"
#include "server/session/facts.hpp"
#include "storage/store.hpp"

#include <functional>
#include <string>

namespace baton::daemon {

class DoctorRunner {
public:
    using Done = std::function<void(session::DoctorFacts&&)>;

    explicit DoctorRunner(storage::Store& store) : store_(store) {}

    /// Begins an examination of a queue, or with an empty name of all of the namespace; `done` is called on its thread,
    /// or at once when one is running or none may begin any more. Any thread.
    void begin(std::string ns, std::string queue, Done done);
    /// Stops what is under way, which is answered as stopped before this returns.
    void stop() { work_.stop(); }

private:
    session::DoctorFacts examine(const std::string& ns, const std::string& queue);

    storage::Store& store_;
    BackgroundWork work_;
};

}  // namespace baton::daemon
