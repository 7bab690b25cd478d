#include "tests/integration/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <string>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("every command explains itself with an example") {
    const CommandLine shell;
    for (const char* command :
         {"ping", "queue create", "queue update", "queue list", "queue show", "queue purge", "queue delete",
          "queue pause", "queue resume", "peek", "produce", "consume", "failed list", "failed show", "failed retry",
          "redrive", "backup", "bench", "completion"}) {
        CHECK_THAT(shell.output(std::string("baton ") + command + " --help"), Contains("Examples:\n"));
    }
    CHECK_THAT(shell.output("baton --help"), Contains("Exit codes: 0 ok"));
}

TEST_CASE("what is wrong on the command line ends with 64") {
    const CommandLine shell;
    for (const char* line :
         {"baton", "baton frobnicate", "baton queue", "baton queue show", "baton --output xml ping",
          "baton produce q x --delay soon", "baton produce q x --due tomorrow", "baton produce q x --header novalue",
          "baton produce q x --split words", "baton consume q --wait ever", "baton queue create q --backoff odd:1s",
          "baton queue create 'no spaces'", "baton --server no:port:at:all ping", "baton bench fly"}) {
        INFO(line);
        CHECK(shell.run(line).exit_code == 64);
    }
}

TEST_CASE("kinds of errors end with codes of their own") {
    const CommandLine shell;
    CHECK(shell.run("baton produce nowhere x").exit_code == 3);
    CHECK(shell.run("baton consume nowhere").exit_code == 3);
    CHECK(shell.run("baton peek nowhere").exit_code == 3);
    CHECK(shell.run("baton produce q --file /does/not/exist").exit_code == 66);
    const auto unreachable = shell.run("baton --server 127.0.0.1:1 ping");
    CHECK(unreachable.exit_code == 69);
    CHECK_THAT(unreachable.output, Contains("127.0.0.1:1"));
    CHECK(shell.run("BATON_SERVER=127.0.0.1:1 " BATON_PATH " ping").exit_code == 69);
}

TEST_CASE("completion scripts load into their shells and know the commands") {
    const CommandLine shell;
    CHECK_THAT(shell.output("baton completion fish"), Contains("complete -c baton"));
    CHECK_THAT(shell.output("baton completion zsh"), Contains("bashcompinit"));
    shell.output("baton completion bash > " + shell.path("complete.bash"));
    const std::string ask = "bash -c '. " + shell.path("complete.bash") +
                            "; COMP_WORDS=(baton queue p); COMP_CWORD=2; " + "_baton; echo ${COMPREPLY[*]}'";
    CHECK(shell.output(ask) == "purge pause\n");
}
