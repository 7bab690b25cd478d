#include "cli/command.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace baton::cli {

namespace {

/// The words that may follow each command, from the parser itself, so that the scripts cannot fall behind it.
void collect(const CLI::App& app, const std::string& path, std::vector<std::pair<std::string, std::string>>& out) {
    std::string words;
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
        words += child->get_name() + " ";
        collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), out);
    }
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words += "--" + name + " ";
        }
    }
    out.emplace_back(path, words);
}

void print_bash(const std::vector<std::pair<std::string, std::string>>& commands) {
    // Only words that lead to a command are taken, so that values of options and arguments do not lead astray.
    std::string known;
    for (const auto& [path, words] : commands) {
        if (!path.empty()) {
            known += (known.empty() ? "\"" : "|\"") + path + "\"";
        }
    }
    std::cout << "_baton() {\n"
                 "    local path= word\n"
                 "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                 "        case \"${path:+$path }$word\" in\n"
                 "            "
              << known
              << ") path=\"${path:+$path }$word\" ;;\n"
                 "        esac\n"
                 "    done\n"
                 "    case \"$path\" in\n";
    for (const auto& [path, words] : commands) {
        std::cout << "        \"" << path << "\") COMPREPLY=($(compgen -W \"" << words
                  << "\" -- \"${COMP_WORDS[COMP_CWORD]}\")) ;;\n";
    }
    std::cout << "    esac\n"
                 "}\n"
                 "complete -o default -F _baton baton\n";
}

void print_fish(const std::vector<std::pair<std::string, std::string>>& commands) {
    for (const auto& [path, words] : commands) {
        const std::string condition = path.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + path;
        std::cout << "complete -c baton -n '" << condition << "' -a '" << words << "'\n";
    }
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("completion", "Prints a completion script for a shell");
    const auto shell = std::make_shared<std::string>();
    command->add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer("Examples:\n  source <(baton completion bash)\n  baton completion fish | source");
    command->callback([&app, &context, shell] {
        context.run = [&app, shell] {
            std::vector<std::pair<std::string, std::string>> commands;
            collect(app, "", commands);
            if (*shell == "fish") {
                print_fish(commands);
            } else {
                std::cout << (*shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "");
                print_bash(commands);
            }
            return ExitCode::ok;
        };
    });
}

}  // namespace baton::cli
