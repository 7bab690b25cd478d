#include "cli/command.hpp"
#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace baton::cli {

void add_backup(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("backup", "Has the daemon write a consistent, synced copy of its data");
    const auto directory = std::make_shared<std::string>();
    command->add_option("directory", *directory, "New directory on the daemon's machine")->required();
    command->footer(
        "Examples:\n  baton backup /backups/baton-monday\n"
        "A restore is a copy of that directory, opened with `batond --data-dir`.");
    command->callback([&context, directory] {
        context.run = [&context, directory] {
            Client client = context.connect();
            const BackupResult result = Admin(client).backup(*directory);
            if (context.json) {
                print_json({{"directory", result.directory},
                            {"commit_seq", result.commit_seq},
                            {"bytes", result.bytes},
                            {"digest", result.digest}});
            } else {
                fmt::print("{}: commit {}, {} bytes, digest {}\n", result.directory, result.commit_seq, result.bytes,
                           result.digest);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
