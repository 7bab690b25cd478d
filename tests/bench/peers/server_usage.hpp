#pragma once
// What a server process has used, read from /proc.

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace baton::peers {

struct ServerUsage {
    double cpu_seconds = 0;
    std::uint64_t rss_bytes = 0;
};

inline ServerUsage server_usage(int pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    std::ifstream file(folder + "/stat");
    std::string text;
    if (!std::getline(file, text)) {
        throw std::runtime_error("there is no server process " + std::to_string(pid));
    }
    // The name in parentheses may hold anything; the third field, the state, follows it.
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        fields >> skipped;
    }
    std::uint64_t user = 0, system = 0, children_user = 0, children_system = 0;
    fields >> user >> system >> children_user >> children_system;
    ServerUsage usage;
    usage.cpu_seconds = static_cast<double>(user + system + children_user + children_system) /
                        static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::ifstream memory(folder + "/statm");
    std::uint64_t total_pages = 0, resident_pages = 0;
    memory >> total_pages >> resident_pages;
    usage.rss_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return usage;
}

}  // namespace baton::peers
