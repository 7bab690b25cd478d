#include "cli/command.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace baton::cli {

namespace {

/// A command by its path, `queue create`, and what may follow it. The empty path is the program itself.
struct Completion {
    std::string path;
    std::string words;
    bool has_commands = false;
};

std::string options_of(const CLI::App& app) {
    std::string words;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words += "--" + name + " ";
        }
    }
    return words;
}

/// From the parser itself, so that the scripts cannot fall behind it. The options of all commands may stand anywhere.
void collect(const CLI::App& app, const std::string& path, std::vector<Completion>& out) {
    std::string words;
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* child : commands) {
        words += child->get_name() + " ";
        collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), out);
    }
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
        words += options_of(*level);
    }
    out.push_back({path, words, !commands.empty()});
}

void print_bash(const std::vector<Completion>& commands) {
    // Only words that lead to a command are taken, so that values of options and arguments do not lead astray.
    std::string known;
    for (const auto& [path, words, has_commands] : commands) {
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
    for (const auto& [path, words, has_commands] : commands) {
        std::cout << "        \"" << path << "\") COMPREPLY=($(compgen -W \"" << words
                  << "\" -- \"${COMP_WORDS[COMP_CWORD]}\")) ;;\n";
    }
    std::cout << "    esac\n"
                 "}\n"
                 "complete -o default -F _baton baton\n";
}

void print_fish(const std::vector<Completion>& commands) {
    // As for bash: the command that is being completed is found by walking the words that lead to one.
    std::cout << "function __baton_at\n"
                 "    set -l words (commandline -opc)\n"
                 "    set -e words[1]\n"
                 "    set -l path ''\n"
                 "    for word in $words\n"
                 "        set -l next (string trim -- \"$path $word\")\n"
                 "        contains -- $next";
    for (const auto& [path, words, has_commands] : commands) {
        std::cout << (path.empty() ? "" : " '" + path + "'");
    }
    std::cout << "; and set path $next\n"
                 "    end\n"
                 "    test \"$path\" = \"$argv[1]\"\n"
                 "end\n";
    for (const auto& [path, words, has_commands] : commands) {
        std::cout << "complete -c baton -n '__baton_at \"" << path << "\"'" << (has_commands ? " -f" : "") << " -a '"
                  << words << "'\n";
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
            std::vector<Completion> commands;
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
