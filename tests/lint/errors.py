"""errors.proto is the one registry of errors: everything that repeats its numbers agrees with it."""

import re

from source_tree import enum_values, run_rule

REGISTRY = "proto/baton/v1/errors.proto"
# Enumerations that repeat a part of it.
COPIES = [
    ("server/core/refusal.hpp", "RefusalCode"),
    ("server/session/wire_error.hpp", "WireCode"),
    ("client/include/baton/error_code.hpp", "ErrorCode"),
]
# The client's own conditions, which never travel.
LOCAL_FROM = 900
# Kept for authentication, which nothing answers yet.
UNUSED = {"ok", "unauthorized"}


def rule(tree):
    registry = enum_values(tree.read(REGISTRY), "ErrorCode")
    if len(registry) < 20:
        tree.find(REGISTRY, "the registry could not be read")
    answered = set()
    for path, name in COPIES:
        values = enum_values(tree.read(path), name)
        if not values:
            tree.find(path, f"has no enumeration {name}")
        if name != "ErrorCode":
            answered |= set(values)
        for code, number in values.items():
            if number < LOCAL_FROM and registry.get(code) != number:
                tree.find(path, f"{code} = {number}, but the registry says {registry.get(code)}")
    for code in sorted(set(registry) - answered - UNUSED):
        tree.find(REGISTRY, f"{code} is answered by nobody")
    documented = {m[2].lower(): int(m[1]) for m in re.finditer(r"^\| (\d+) \| `(\w+)`", tree.read("docs/protocol.md"), re.M)}
    for code, number in registry.items():
        if documented.get(code) != number:
            tree.find("docs/protocol.md", f"does not list {number} {code.upper()}")
    for code in sorted(set(documented) - set(registry)):
        tree.find("docs/protocol.md", f"lists {code.upper()}, which is no error")


run_rule(rule)
