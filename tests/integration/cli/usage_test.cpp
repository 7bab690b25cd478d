#include "tests/integration/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <string>

using baton::tests::CommandLine;
using Catch::Contains;

TEST_CASE("every command explains itself with an example") {
    const CommandLine shell;
    for (const char* command : {"ping",
                                "queue create",
                                "queue update",
                                "queue list",
                                "queue show",
                                "queue purge",
                                "queue delete",
                                "queue pause",
                                "queue resume",
                                "peek",
                                "produce",
                                "consume",
                                "failed list",
                                "failed show",
                                "failed retry",
                                "redrive",
                                "backup",
                                "bench",
                                "completion",
                                "topic create",
                                "topic list",
                                "topic trim",
                                "topic delete",
                                "subscription create",
                                "subscription list",
                                "subscription seek",
                                "subscription delete",
                                "queue consumers"}) {
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
          "baton consume q --wait 1.0005s", "baton --server no:port:at:all ping", "baton bench fly"}) {
        INFO(line);
        CHECK(shell.run(line).exit_code == 64);
    }
}

TEST_CASE("kinds of errors end with codes of their own") {
    const CommandLine shell;
    CHECK(shell.run("baton produce nowhere x").exit_code == 3);
    CHECK(shell.run("baton consume nowhere").exit_code == 3);
    CHECK(shell.run("baton peek nowhere").exit_code == 3);
    // What only the server can judge is not the usage of this program.
    CHECK(shell.run("baton queue create 'no spaces'").exit_code == 7);
    shell.output("baton queue create small --max-message-size 10");
    CHECK(shell.run("baton produce small 'more than ten bytes'").exit_code == 7);
    CHECK(shell.run("baton produce q --file /does/not/exist").exit_code == 66);
    const auto unreachable = shell.run("baton --server 127.0.0.1:1 ping");
    CHECK(unreachable.exit_code == 69);
    CHECK_THAT(unreachable.output, Contains("127.0.0.1:1"));
    CHECK(shell.run("BATON_SERVER=127.0.0.1:1 " BATON_PATH " ping").exit_code == 69);
}

TEST_CASE("the options of all commands are taken before the command and after it") {
    const CommandLine shell;
    shell.output("baton queue create q --output json | grep '\"name\":\"q\"'");
    shell.output("baton queue list --output json --server $BATON_SERVER | grep '\"name\":\"q\"'");
    CHECK(shell.run("baton ping --server 127.0.0.1:1").exit_code == 69);
    // A payload that is the name of a command is a payload.
    shell.output("baton produce q ping queue --delay 0.5s");
    CHECK(shell.output("baton consume q -n 2 --wait 5s") == "ping\nqueue\n");
    CHECK(shell.run("baton ping --frobnicate").exit_code == 64);
}

TEST_CASE("a list of none is refused with how many it may be") {
    const CommandLine shell;
    shell.output("baton queue create q --profile job && baton produce q a");
    for (const char* command : {"peek q", "failed list q", "group list q", "job list q"}) {
        INFO(command);
        const auto said = shell.run(std::string("baton ") + command + " -n 0");
        CHECK(said.exit_code == 64);
        CHECK_THAT(said.output, Contains("at least 1, not '0'"));
    }
    CHECK_THAT(shell.run("baton job logs q 0 -n 0").output, Contains("from 1 to 1000, not '0'"));
    CHECK(shell.run("baton schedule preview --every 1s -n 1001").exit_code == 64);
    CHECK(shell.run("baton peek q -n many").exit_code == 64);
    CHECK(shell.objects("baton --output json peek q -n 1").size() == 1);
}

TEST_CASE("completion scripts load into their shells and know the commands") {
    const CommandLine shell;
    CHECK_THAT(shell.output("baton completion fish"), Contains("complete -c baton"));
    CHECK_THAT(shell.output("baton completion zsh"), Contains("bashcompinit"));
    shell.output("baton completion bash > " + shell.path("complete.bash"));
    const std::string ask = "bash -c '. " + shell.path("complete.bash") +
                            "; COMP_WORDS=(baton queue p); COMP_CWORD=2; " + "_baton; echo ${COMPREPLY[*]}'";
    CHECK(shell.output(ask) == "purge pause penalise priorities\n");
    // What a word means depends on the ones before it: a queue may be named as a command is.
    CHECK_THAT(shell.output("baton completion fish"), Contains("-n '__baton_at \"queue create\"' -a '"));
    if (shell.run("command -v fish").exit_code == 0) {
        shell.output("baton completion fish > " + shell.path("complete.fish"));
        const std::string fish = "fish -c 'source " + shell.path("complete.fish") + "; complete -C \"baton ";
        CHECK(shell.output(fish + "queue p\"'") == "pause\npenalise\npurge\n");
        CHECK(shell.output(fish + "consume queue --fol\"'") == "--follow\n");
        CHECK(shell.output(fish + "--output json ping --ser\"'") == "--server\n");
    }
}
