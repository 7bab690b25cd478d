"""docs/bullmq.md names requests that the protocol has, and calls that the client has."""

import re

from source_tree import run_rule

PAGE = "docs/bullmq.md"
COLUMNS = 5


def declared_requests(tree):
    """What a client may ask for: the bodies of a ClientFrame, and the actions of a Settlement."""
    wire = "\n".join(tree.read(path) for path in tree.files(".proto", under="proto/baton/v1"))
    names = set()
    for message, field in (("ClientFrame", "body"), ("Settlement", "action")):
        choice = re.search(rf"^message {message} \{{.*?^  oneof {field} \{{(.*?)^  \}}", wire, re.M | re.S)
        names |= set(re.findall(r"^    (\w+) \w+ = \d+;", choice[1] if choice else "", re.M))
    return names


def declared_calls(tree):
    """The bodies of the client's public classes and structs, by name."""
    bodies = {}
    for path in tree.files(".hpp", under="client/include"):
        for kind in re.finditer(r"^(?:class|struct) (\w+)[^;{]*\{(.*?)^\};", tree.read(path), re.M | re.S):
            bodies[kind[1]] = kind[2]
    return bodies


def rule(tree):
    requests, calls = declared_requests(tree), declared_calls(tree)
    rows = 0
    for number, line in enumerate(tree.lines(PAGE), 1):
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) != COLUMNS or cells[0] in ("area", "---"):
            continue
        rows += 1
        where = f"{PAGE}:{number}"
        for name, later in re.findall(r"`(\w+)`( \(not yet\))?", cells[2]):
            if not later and name not in requests:
                tree.find(where, f"the protocol has no request {name}")
        for kind, member in re.findall(r"`(\w+)::(\w+)`", cells[3]):
            if not re.search(rf"\b{member}\b", calls.get(kind, "")):
                tree.find(where, f"the client has no {kind}::{member}")
    if rows < 40 or len(requests) < 40:
        tree.find(PAGE, f"{rows} rows and {len(requests)} requests could be read")


run_rule(rule)
