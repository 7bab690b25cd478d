#include "tests/integration/client/example_run.hpp"

#include <future>

namespace baton::tests {

ProgramResult run_as_time_passes(Admin& admin, const std::string& queue, std::chrono::milliseconds step,
                                 const std::vector<std::string>& command) {
    using namespace std::chrono_literals;
    auto running = std::async(std::launch::async, [&] { return run_program(command); });
    while (running.wait_for(5ms) != std::future_status::ready) {
        const QueueInfo info = admin.show_queue(queue);
        if (info.consumers != 0 && info.leased == 0) {
            admin.advance_clock(step);
        }
    }
    return running.get();
}

}  // namespace baton::tests
