"""The core includes only the standard library, and no part of it that is a thread, a clock, a file or chance."""

import os
import re
import subprocess

from source_tree import CODE, run_rule

BANNED_PATH = re.compile(r"/(boost|rocksdb|google|spdlog|fmt|toml\+\+|prometheus|CLI)/|/xxhash\.h$|\.pb\.h$")
BANNED_STANDARD = {
    "thread", "mutex", "shared_mutex", "condition_variable", "atomic", "random", "future", "semaphore", "latch",
    "barrier", "stop_token", "chrono", "fstream", "filesystem",
}  # fmt: skip
BANNED_TEXT = re.compile(r"::now\(|\bgetenv\b|\bstd::rand\b|\btime\(nullptr\)|\bclock_gettime\b|\brandom_device\b")


def includes_by_object(build):
    """What each object was compiled from, as the compiler said it to ninja."""
    out = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    deps, current = {}, None
    for line in out.split("\n"):
        if line.startswith("    "):
            deps[current].append(line.strip())
        elif ": #deps" in line:
            current = line.split(": #deps")[0]
            deps[current] = []
    return deps


def rule(tree):
    deps = includes_by_object(tree.build)
    for source in tree.files(".cpp", under="server/core"):
        name = f"server/core/CMakeFiles/baton_core.dir/{os.path.relpath(source, 'server/core')}.o"
        if name not in deps:
            tree.find(source, "is not built into baton_core, so its includes are unknown")
            continue
        for header in deps[name]:
            standard = re.search(r"/c\+\+/\d+/(\w+)$", header)
            if BANNED_PATH.search(header) or (standard and standard[1] in BANNED_STANDARD):
                tree.find(source, f"includes {header}")
    for path in tree.files(*CODE, under="server/core"):
        for number, line in enumerate(tree.lines(path), 1):
            if BANNED_TEXT.search(line):
                tree.find(f"{path}:{number}", f"reads a clock, chance or the environment: {line.strip()}")


run_rule(rule)
