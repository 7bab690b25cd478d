"""The files of the project as the rules see them, and how findings are reported."""

import os
import re
import sys

CODE = (".cpp", ".hpp")
SKIPPED = {".git", "build", "baton-data", "__pycache__"}


class Tree:
    """The source tree that a rule looks at, and what it has found."""

    def __init__(self, root, build):
        self.root = os.path.abspath(root)
        self.build = os.path.abspath(build)
        self.findings = []
        self.looked_at = 0

    def files(self, *suffixes, under=""):
        """Paths from the root of the files that end so, sorted. Everything when no suffix is given."""
        found = []
        for folder, folders, names in os.walk(os.path.join(self.root, under)):
            folders[:] = sorted(f for f in folders if f not in SKIPPED)
            here = os.path.relpath(folder, self.root)
            for name in sorted(names):
                if not suffixes or name.endswith(suffixes):
                    found.append(os.path.normpath(os.path.join(here, name)))
        return found

    def read(self, path):
        self.looked_at += 1
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self, path):
        return self.read(path).split("\n")

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def find(self, where, what):
        self.findings.append(f"{where}: {what}")


def enum_values(text, name, entry=r"(\w+)\s*=\s*(\d+)"):
    """The values of one enumeration in C++ or protobuf text, by lower-case name."""
    start = re.search(r"\benum\s+(?:class\s+)?" + name + r"\b[^{;]*\{", text)
    if not start:
        return {}
    body = text[start.end() : text.index("}", start.end())]
    return {m[1].lower(): int(m[2]) for m in re.finditer(entry, re.sub(r"//[^\n]*", "", body))}


def run_rule(rule):
    """Runs `rule(tree)` as a program: 0 when it found nothing, 1 otherwise. A rule that looked at nothing has failed."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} SOURCE BUILD")
    tree = Tree(sys.argv[1], sys.argv[2])
    rule(tree)
    for finding in tree.findings:
        print(finding)
    if tree.looked_at == 0:
        print("the rule found no file to look at")
        sys.exit(1)
    print(f"{len(tree.findings)} findings in {tree.looked_at} files")
    sys.exit(1 if tree.findings else 0)
