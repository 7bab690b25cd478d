#include "server/daemon/log_setup.hpp"

#include <fmt/chrono.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <iterator>
#include <memory>

namespace baton::daemon {

namespace {

constexpr std::size_t text_bytes_max = 8 * 1024;

class LineFormatter final : public spdlog::formatter {
public:
    explicit LineFormatter(bool json) : json_(json) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        using namespace std::chrono;
        const auto seconds = time_point_cast<std::chrono::seconds>(message.time);
        const auto ms = duration_cast<milliseconds>(message.time - seconds).count();
        const auto level = spdlog::level::to_string_view(message.level);
        const std::string time =
            fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(seconds)), ms);
        const std::string text = escape_log_text({message.payload.data(), message.payload.size()});
        const std::string_view level_text(level.data(), level.size());
        if (json_) {
            fmt::format_to(std::back_inserter(out), "{{\"time\":\"{}\",\"level\":\"{}\",\"message\":\"{}\"}}\n", time,
                           level_text, text);
        } else {
            fmt::format_to(std::back_inserter(out), "{} {:<7} {}\n", time, level_text, text);
        }
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(json_); }

private:
    bool json_;
};

}  // namespace

std::string escape_log_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text.substr(0, text_bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

void set_up_logging(const std::string& level, bool json) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>("batond", std::move(sink));
    logger->set_level(spdlog::level::from_str(level));
    logger->set_formatter(std::make_unique<LineFormatter>(json));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace baton::daemon
