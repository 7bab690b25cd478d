#include "server/daemon/daemon.hpp"

#include "server/daemon/backup_runner.hpp"
#include "server/daemon/doctor_runner.hpp"
#include "server/daemon/drain_time.hpp"
#include "server/daemon/log_setup.hpp"
#include "server/daemon/process_facts.hpp"
#include "server/daemon/stop_signal.hpp"
#include "server/engine/broker_clock.hpp"
#include "server/engine/engine.hpp"
#include "server/http/http_server.hpp"
#include "server/http/metrics.hpp"
#include "server/http/readiness.hpp"
#include "server/session/server.hpp"
#include "storage/store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace baton::daemon {

namespace {

using Steady = std::chrono::steady_clock;

/// A scrape waits this long for the core.
constexpr std::int64_t queue_infos_ms_max = 1'000;

ExitCode exit_code_of(storage::OpenFault fault) {
    switch (fault) {
        case storage::OpenFault::locked:
            return ExitCode::locked;
        case storage::OpenFault::newer_format:
            return ExitCode::newer_format;
        case storage::OpenFault::corrupt:
            return ExitCode::corrupt;
        case storage::OpenFault::commits_missing:
            return ExitCode::commits_missing;
        case storage::OpenFault::no_space:
            return ExitCode::no_space;
        case storage::OpenFault::bad_directory:
            return ExitCode::bad_directory;
        case storage::OpenFault::clock_mismatch:
            return ExitCode::clock_mismatch;
        case storage::OpenFault::io:
            return ExitCode::storage_failed;
    }
    return ExitCode::internal;
}

/// Fail-stop: nobody is answered any more, since what is on disk is not known.
[[noreturn]] void end_for_storage_failure(const std::string& reason) {
    spdlog::critical("storage failed, stopping: {}", reason);
    std::_Exit(static_cast<int>(ExitCode::storage_failed));
}

class Daemon {
public:
    explicit Daemon(const Options& options) : options_(options) {}

    ExitCode run();

private:
    void start_http();
    void open_store();
    void start_engine();
    void start_server();
    void announce() const;
    void stop();

    session::Backend backend();
    session::StatusFacts status() const;
    std::string blocked() const;
    engine::EngineStatus engine_status() const;
    http::HttpAnswer answer_ready() const;
    http::HttpAnswer answer_metrics() const;
    std::vector<http::ExtraMetric> extra_metrics() const;

    const Options& options_;
    const std::chrono::milliseconds drain_time_ = drain_time();
    const Steady::time_point started_ = Steady::now();
    std::atomic<http::DaemonPhase> phase_{http::DaemonPhase::starting};
    std::string address_, http_address_;
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<BackupRunner> backups_;
    std::unique_ptr<DoctorRunner> doctor_;
    std::unique_ptr<engine::Engine> engine_;
    std::unique_ptr<session::Server> server_;
    std::unique_ptr<http::HttpServer> http_;
};

ExitCode Daemon::run() {
    if (!options_.listen.is_loopback() || (options_.http && !options_.http->is_loopback())) {
        if (!options_.insecure_remote) {
            spdlog::error(
                "a listening address is not a loopback address, and there is no authentication yet: give "
                "--insecure-remote to allow it");
            return ExitCode::usage;
        }
        spdlog::warn("--insecure-remote: anyone who can reach the port can read and write everything");
    }
    raise_open_files_limit();
    start_http();
    open_store();
    start_engine();
    start_server();
    phase_ = http::DaemonPhase::running;
    announce();
    const int signal = wait_for_stop_signal();
    spdlog::info("signal {}: stopping", signal);
    stop();
    return ExitCode::ok;
}

void Daemon::start_http() {
    if (!options_.http) {
        return;
    }
    http::HttpRoutes routes;
    routes["/healthz"] = [] { return http::HttpAnswer{200, "text/plain; charset=utf-8", "ok\n"}; };
    routes["/readyz"] = [this] { return answer_ready(); };
    routes["/metrics"] = [this] { return answer_metrics(); };
    http::HttpOptions http_options;
    http_options.address = options_.http->host;
    http_options.port = options_.http->port;
    http_ = std::make_unique<http::HttpServer>(http_options, std::move(routes));
    http_address_ = http_->listen();
    http_->start();
}

void Daemon::open_store() {
    storage::StoreOptions store_options;
    store_options.data_dir = options_.data_dir;
    store_options.block_cache_bytes = options_.block_cache_bytes;
    store_options.write_buffer_bytes = options_.write_buffer_bytes;
    store_options.accept_data_loss = options_.accept_data_loss;
    store_options.reserve_bytes = options_.reserve_bytes;
    store_options.virtual_clock = options_.virtual_clock;
    store_ = storage::Store::open(store_options);
    backups_ = std::make_unique<BackupRunner>(*store_);
    doctor_ = std::make_unique<DoctorRunner>(*store_);
    const storage::StoreStatus status = store_->status();
    spdlog::info("opened {}: commit {}, start {}", options_.data_dir, status.commit_seq, status.epoch);
}

void Daemon::start_engine() {
    engine::EngineOptions engine_options;
    engine_options.accept_clock = options_.accept_clock;
    engine_options.core.virtual_clock = options_.virtual_clock;
    if (options_.virtual_clock) {
        spdlog::warn("--virtual-clock: time stands still but for `baton clock advance`; for tests only");
    }
    if (const char* kill_point = std::getenv("BATON_KILLPOINT")) {
        engine_options.kill_point = kill_point;
    }
    engine::EngineSink sink;
    sink.effects = [this](std::vector<core::Effect>&& effects) { server_->release(std::move(effects)); };
    sink.failed = [](const std::string& reason) { end_for_storage_failure(reason); };
    engine_ = std::make_unique<engine::Engine>(*store_, std::move(engine_options), std::move(sink));
}

void Daemon::start_server() {
    session::ServerOptions server_options;
    server_options.address = options_.listen.host;
    server_options.port = options_.listen.port;
    session::ProtocolContext context;
    context.secrets =
        session::SessionSecrets::load_or_create((std::filesystem::path(options_.data_dir) / "session.key").string());
    context.server_version = BATON_VERSION;
    context.epoch = engine_->epoch();
    context.session_grace_ms = options_.session_grace_ms;
    server_ = std::make_unique<session::Server>(server_options, std::move(context), backend());
    address_ = server_->listen();
    engine_->start();
    server_->start();
}

void Daemon::announce() const {
    std::printf("batond ready on %s%s%s\n", address_.c_str(), http_address_.empty() ? "" : " http ",
                http_address_.c_str());
    std::fflush(stdout);
}

void Daemon::stop() {
    phase_ = http::DaemonPhase::draining;
    std::thread([timeout_ms = options_.shutdown_timeout_ms] {
        std::this_thread::sleep_for(std::chrono::milliseconds(timeout_ms));
        spdlog::error("the stop took longer than {} ms, ending", timeout_ms);
        std::_Exit(static_cast<int>(ExitCode::internal));
    }).detach();
    server_->drain();
    engine_->stop_delivering();
    doctor_->stop();  // While its answer can still be sent.
    const auto until = Steady::now() + drain_time_;
    while (server_->counters().connections > 0 && Steady::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    engine_->stop();
    server_->stop(options_.shutdown_timeout_ms / 2);
    backups_.reset();
    doctor_.reset();
    store_->close();
    if (http_) {
        http_->stop();
    }
    spdlog::info("stopped");
}

session::Backend Daemon::backend() {
    session::Backend backend;
    backend.submit = [this](core::Request&& request, std::size_t bytes, std::function<void()> resume) {
        return engine_->submit(std::move(request), bytes, std::move(resume));
    };
    backend.submitted = [this] { engine_->submitted(); };
    backend.status = [this] { return status(); };
    backend.backup = [this](std::string directory, BackupRunner::Done done) {
        backups_->begin(std::move(directory), std::move(done));
    };
    backend.doctor = [this](std::string ns, std::string queue, DoctorRunner::Done done) {
        doctor_->begin(std::move(ns), std::move(queue), std::move(done));
    };
    backend.blocked = [this] { return blocked(); };
    return backend;
}

session::StatusFacts Daemon::status() const {
    const engine::EngineStatus engine = engine_->status();
    const ProcessFacts process = process_facts(false);
    session::StatusFacts facts;
    facts.version = BATON_VERSION;
    facts.epoch = engine_->epoch();
    facts.uptime_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - started_).count());
    facts.pid = process.pid;
    facts.cpu_seconds = process.cpu_seconds;
    facts.rss_bytes = process.rss_bytes;
    facts.commits = engine.commits;
    facts.queues = engine.queues;
    facts.data_dir = std::filesystem::absolute(options_.data_dir).string();
    const auto reasons = http::not_ready_because(phase_, engine);
    facts.state = reasons.empty() ? "ready" : reasons.front();
    return facts;
}

std::string Daemon::blocked() const {
    return engine_->status().space == storage::SpaceState::ample ? "" : "the disk is nearly full";
}

engine::EngineStatus Daemon::engine_status() const {
    return phase_ == http::DaemonPhase::starting ? engine::EngineStatus{} : engine_->status();
}

http::HttpAnswer Daemon::answer_ready() const {
    const auto reasons = http::not_ready_because(phase_, engine_status());
    if (reasons.empty()) {
        return http::HttpAnswer{200, "text/plain; charset=utf-8", "ready\n"};
    }
    http::HttpAnswer answer{503, "text/plain; charset=utf-8", {}};
    for (const std::string& reason : reasons) {
        answer.body += reason + "\n";
    }
    return answer;
}

std::vector<http::ExtraMetric> Daemon::extra_metrics() const {
    const ProcessFacts process = process_facts(true);
    std::vector<http::ExtraMetric> extra{
        {"process_cpu_seconds_total", "User and system time.", process.cpu_seconds, true},
        {"process_resident_memory_bytes", "Resident memory.", static_cast<double>(process.rss_bytes), false},
        {"process_open_fds", "Open files.", static_cast<double>(process.open_files), false}};
    if (phase_ == http::DaemonPhase::starting) {
        return extra;
    }
    const session::ServerCounters session = server_->counters();
    const auto add = [&extra](const char* name, const char* help, std::uint64_t value, bool counter) {
        extra.push_back({name, help, static_cast<double>(value), counter});
    };
    add("baton_connections", "Open connections.", session.connections, false);
    add("baton_connections_total", "Connections accepted.", session.connections_total, true);
    add("baton_connections_refused_total", "Connections over the limit.", session.connections_refused, true);
    add("baton_frames_received_total", "Requests received.", session.frames_in, true);
    add("baton_bytes_received_total", "Bytes received from clients.", session.bytes_in, true);
    add("baton_bytes_sent_total", "Bytes sent to clients.", session.bytes_out, true);
    add("baton_protocol_errors_total", "Connections ended for a frame that could not be understood.",
        session.protocol_errors, true);
    add("baton_connections_timed_out_total", "Connections ended for silence.", session.timed_out, true);
    add("baton_connections_overflowed_total", "Connections ended since they did not read.", session.overflowed, true);
    add("baton_out_buffer_bytes", "Bytes waiting to be sent.", session.out_bytes, false);
    return extra;
}

http::HttpAnswer Daemon::answer_metrics() const {
    http::MetricsInput input;
    input.engine = engine_status();
    input.ready = http::not_ready_because(phase_, input.engine).empty();
    input.extra = extra_metrics();
    if (phase_ == http::DaemonPhase::running) {
        input.queues = engine_->queue_infos(queue_infos_ms_max);
    }
    return http::HttpAnswer{200, "text/plain; version=0.0.4; charset=utf-8", http::render_metrics(input)};
}

/// Says why the daemon cannot run, and with which code it ends.
ExitCode refuse_start(ExitCode code, const std::exception& error) {
    spdlog::error("{}", error.what());
    return code;
}

}  // namespace

ExitCode run_daemon(const CommandLine& command_line) {
    set_up_logging(command_line.options.log_level, command_line.options.log_json);
    for (const std::string& name : command_line.unknown_environment) {
        spdlog::warn("the environment variable {} is no setting of batond", name);
    }
    try {
        return Daemon(command_line.options).run();
    } catch (const storage::OpenError& error) {
        return refuse_start(exit_code_of(error.fault()), error);
    } catch (const storage::StorageFailure& error) {
        return refuse_start(ExitCode::storage_failed, error);
    } catch (const engine::ClockError& error) {
        return refuse_start(ExitCode::clock_behind, error);
    } catch (const session::BindError& error) {
        return refuse_start(ExitCode::cannot_bind, error);
    } catch (const http::HttpBindError& error) {
        return refuse_start(ExitCode::cannot_bind, error);
    } catch (const std::invalid_argument& error) {
        return refuse_start(ExitCode::usage, error);
    } catch (const std::exception& error) {
        return refuse_start(ExitCode::internal, error);
    }
}

}  // namespace baton::daemon
