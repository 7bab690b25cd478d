#include "cli/command.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

namespace baton::cli {

Client Context::connect() const {
    ClientOptions options;
    options.namespace_name = name_space;
    options.client_name = "baton-cli";
    try {
        return Client::connect(server, std::move(options));
    } catch (const Exception& failure) {
        if (failure.error().code == ErrorCode::invalid_argument) {
            throw std::invalid_argument(failure.what());  // An address that is none: no server was asked.
        }
        throw;
    }
}

namespace {

void add_commands(CLI::App& app, Context& context) {
    add_ping(app, context);
    add_queue(app, context);
    add_topic(app, context);
    add_subscription(app, context);
    add_binding(app, context);
    add_produce(app, context);
    add_consume(app, context);
    add_peek(app, context);
    add_failed(app, context);
    add_flow(app, context);
    add_group(app, context);
    add_job(app, context);
    add_dedup(app, context);
    add_doctor(app, context);
    add_redrive(app, context);
    add_backup(app, context);
    add_clock(app, context);
    add_events(app, context);
    add_schedule(app, context);
    add_task(app, context);
    add_bench(app, context);
    add_completion(app, context);
}

int run(int argc, char** argv) {
    Context context;
    CLI::App app{"Administers a Baton broker, and produces and consumes messages.", "baton"};
    app.require_subcommand(1);
    // The options of all commands are taken after the command too. Commands made from here on inherit this.
    app.fallthrough();
    app.set_help_all_flag("--help-all", "Help for every command");
    app.add_option("--server", context.server, "Address of the daemon, HOST:PORT")
        ->envname("BATON_SERVER")
        ->capture_default_str();
    app.add_option("--namespace", context.name_space, "Namespace of the queues; empty = default")
        ->envname("BATON_NAMESPACE");
    std::string output = "text";
    app.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
    add_commands(app, context);
    app.footer(std::string("Examples:\n"
                           "  baton queue create emails --attempts 5\n"
                           "  baton produce emails 'hello' --delay 10s\n"
                           "  baton consume emails -n 1\n\n"
                           "--server, --namespace and --output may stand before or after the command.\n\n") +
               exit_code_table);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    context.json = output == "json";
    try {
        return static_cast<int>(context.run());
    } catch (const Exception& failure) {
        const Error& error = failure.error();
        std::cerr << "baton: " << failure.what();
        if (!error.field.empty()) {
            std::cerr << " (" << error.field << (error.limit != 0 ? ", limit " + std::to_string(error.limit) : "")
                      << ')';
        }
        std::cerr << '\n';
        return static_cast<int>(exit_code_of(error.code));
    } catch (const std::invalid_argument& fault) {
        std::cerr << "baton: " << fault.what() << '\n';
        return static_cast<int>(ExitCode::usage);
    } catch (const InputError& failure) {
        std::cerr << "baton: " << failure.what() << '\n';
        return static_cast<int>(ExitCode::input);
    } catch (const std::exception& failure) {
        std::cerr << "baton: " << failure.what() << '\n';
        return static_cast<int>(ExitCode::failed);
    }
}

}  // namespace

}  // namespace baton::cli

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    return baton::cli::run(argc, argv);
}
