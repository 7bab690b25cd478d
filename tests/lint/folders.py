"""Every folder that is built, and each at the root, says in a short README what it is for."""

import os

from source_tree import run_rule

LINES_MAX = 25
# Mirrors of the source tree, and folders whose files are data.
WITHOUT = ("tests/unit/", "tests/fuzz/corpus", "tests/golden/")


def rule(tree):
    folders = {path.split("/")[0] for path in tree.files() if "/" in path and not path.startswith(".")}
    folders |= {os.path.dirname(path) for path in tree.files("CMakeLists.txt")} - {""}
    for folder in sorted(folders):
        if folder.startswith(WITHOUT):
            continue
        page = f"{folder}/README.md"
        if not tree.exists(page):
            tree.find(folder, "has no README.md")
        elif len(tree.lines(page)) > LINES_MAX:
            tree.find(page, f"has {len(tree.lines(page))} lines, more than {LINES_MAX}")


run_rule(rule)
