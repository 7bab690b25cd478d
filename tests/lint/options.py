"""docs/operations.md lists exactly the daemon's options with their defaults, and its exit codes."""

import re

from source_tree import enum_values, run_rule

PAGE = "docs/operations.md"


def rule(tree):
    page = tree.read(PAGE)
    rows = dict(re.findall(r'Row\{"(\w+)",\s*"([^"]*)"', tree.read("server/daemon/options.cpp")))
    if len(rows) < 10:
        tree.find("server/daemon/options.cpp", "the table of options could not be read")
    listed = dict(re.findall(r"^\| `--([\w-]+)` \| `([^`]*)` \|", page, re.M))
    for key, default in rows.items():
        flag = key.replace("_", "-")
        if listed.get(flag) != default:
            tree.find(PAGE, f"--{flag} has the default {default}, the page says {listed.get(flag)}")
    for flag in sorted(set(listed) - {key.replace("_", "-") for key in rows}):
        tree.find(PAGE, f"lists --{flag}, which is no option of batond")
    codes = enum_values(tree.read("server/daemon/exit_code.hpp"), "ExitCode")
    documented = {m[2]: int(m[1]) for m in re.finditer(r"^\| (\d+) \| `(\w+)` \|", page, re.M)}
    if codes != documented:
        tree.find(PAGE, f"the exit codes differ: {sorted(set(codes.items()) ^ set(documented.items()))}")


run_rule(rule)
