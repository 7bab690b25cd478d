"""The core includes only the standard library, and no part of it that is a thread, a clock, a file or chance."""

import os
import re
import subprocess

from source_tree import CODE, run_rule

CORE_OBJECT = re.compile(r"/baton_core_(sound|plantable)\.dir/")
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
    objects = {name: deps for name, deps in includes_by_object(tree.build).items() if CORE_OBJECT.search(name)}
    # Sources are compiled several at a time: what an object was compiled from names them.
    built = {os.path.relpath(os.path.join(tree.build, path), tree.root) for deps in objects.values() for path in deps}
    for source in tree.files(".cpp", under="server/core"):
        if source not in built and not any(name.endswith(f"/{os.path.basename(source)}.o") for name in objects):
            tree.find(source, "is not built into baton_core, so its includes are unknown")
    for name, deps in objects.items():
        for header in deps:
            standard = re.search(r"/c\+\+/\d+/(\w+)$", header)
            if BANNED_PATH.search(header) or (standard and standard[1] in BANNED_STANDARD):
                tree.find(name, f"includes {header}")
    for path in tree.files(*CODE, under="server/core"):
        for number, line in enumerate(tree.lines(path), 1):
            if BANNED_TEXT.search(line):
                tree.find(f"{path}:{number}", f"reads a clock, chance or the environment: {line.strip()}")


run_rule(rule)
