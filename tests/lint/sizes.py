"""Files and functions stay short enough to be read at once."""

import re

from source_tree import CODE, run_rule

HEADER, SOURCE, TEST = 150, 350, 400
FUNCTION = 60
# Interfaces that are long by their documentation: one class, every member explained.
LONGER_HEADERS = {"server/core/message_record.hpp": 170, "server/core/mutation.hpp": 245, "server/core/queue.hpp": 173,
                  "server/core/request.hpp": 265, "server/core/state.hpp": 195}
# A ratchet: sources that are too long today and may only shrink. Split them by the concept that hides in them.
LONGER_SOURCES = {"storage/record_codec.cpp": 355, "storage/store.cpp": 379}
# A closed list of codes.
LONGER_FUNCTIONS = {"cli/exit_code.cpp": 80}


def lines_max(path):
    if path in LONGER_SOURCES:
        return LONGER_SOURCES[path]
    if path.startswith("tests/"):
        return TEST
    return LONGER_HEADERS.get(path, HEADER) if path.endswith(".hpp") else SOURCE


def functions(lines):
    """Functions at namespace level, as (first line, length). The formatter puts their start and their closing brace,
    and nothing else of them, at the left edge."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "}" and start is not None:
            yield start, number - start + 1
        if re.match(r"[^\s#/}]", line) and not re.match(r"(public|private|protected):|namespace\b", line):
            start = number
        elif line.startswith("}"):
            start = None


def rule(tree):
    for path in tree.files(*CODE):
        lines = tree.lines(path)
        if lines and lines[-1] == "":
            lines.pop()
        if len(lines) > lines_max(path):
            tree.find(path, f"has {len(lines)} lines, more than {lines_max(path)}")
        for start, length in functions(lines):
            if length > LONGER_FUNCTIONS.get(path, FUNCTION):
                tree.find(f"{path}:{start}", f"a function of {length} lines, more than {FUNCTION}")


run_rule(rule)
