"""No leftovers, no names that say nothing, no mention of pages that do not exist, no sleep in unit tests."""

import os
import re

from source_tree import run_rule

TEXT = (".cpp", ".hpp", ".proto", ".md", ".txt", ".py", ".sh", ".json", ".yaml", ".toml", "Dockerfile", "run")
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b")
TICKETS = re.compile(r"\b[Ii]ssues? #?\d+\b|(?<![\w&])#\d+\b(?!\w)")
# Paths of the machine on which something was written.
FOREIGN_PATHS = re.compile(r"(?<![\w.$}/])/(?:home|root|work|Users)/[\w.]")
EMPTY_NAMES = re.compile(r"^(utils?|helpers?|commons?|managers?|misc|impl\d+|stuff)\b", re.IGNORECASE)
EMPTY_TYPES = re.compile(r"\b(?:class|struct)\s+\w*(?:Manager|Helper|Utils?)\b")
BANNERS = re.compile(r"^\s*(//|#)\s*[=*#-]{20,}\s*$")
PAGES = re.compile(r"\b[\w./-]+\.md\b")
SLEEPS = re.compile(r"\bsleep_for\b|\bsleep_until\b|\busleep\(")


def page_exists(tree, path, page):
    at_root = os.path.normpath(page)
    beside = os.path.normpath(os.path.join(os.path.dirname(path), page))
    return tree.exists(at_root) or tree.exists(beside) or any(f.endswith("/" + at_root) for f in tree.files(".md"))


def rule(tree):
    own = "tests/lint/words.py"
    for path in tree.files(*TEXT):
        if EMPTY_NAMES.match(os.path.basename(path)) and path.endswith((".cpp", ".hpp")):
            tree.find(path, "has a name that says nothing")
        if path == own:
            continue
        for number, line in enumerate(tree.lines(path), 1):
            where = f"{path}:{number}"
            if LEFTOVERS.search(line):
                tree.find(where, f"a leftover: {line.strip()}")
            if FOREIGN_PATHS.search(line):
                tree.find(where, f"a path of some machine: {line.strip()}")
            if path.endswith((".cpp", ".hpp", ".proto")):
                if BANNERS.search(line):
                    tree.find(where, "a banner")
                if TICKETS.search(line):
                    tree.find(where, f"a ticket number says nothing to a reader: {line.strip()}")
                if EMPTY_TYPES.search(line):
                    tree.find(where, f"a type whose name says nothing: {line.strip()}")
            if path.startswith(("tests/unit/", "tests/simulation/")) and SLEEPS.search(line):
                tree.find(where, "a unit test that sleeps")
            for page in PAGES.findall(line):
                if not page_exists(tree, path, page):
                    tree.find(where, f"there is no page {page}")


run_rule(rule)
