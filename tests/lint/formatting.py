"""clang-format, with the file at the root, changes nothing."""

import subprocess

from source_tree import CODE, run_rule


def rule(tree):
    paths = tree.files(*CODE)
    tree.looked_at = len(paths)
    result = subprocess.run(
        ["clang-format", "--dry-run", *paths], cwd=tree.root, capture_output=True, text=True, check=False
    )
    seen = set()
    for line in result.stderr.split("\n"):
        path = line.split(":")[0]
        if "[-Wclang-format-violations]" in line and path not in seen:
            seen.add(path)
            tree.find(path, "is not formatted; run clang-format -i on it")
    if result.returncode != 0 and not seen:
        tree.find("clang-format", result.stderr.strip())


run_rule(rule)
