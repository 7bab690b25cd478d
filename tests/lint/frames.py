"""The frames shown in docs/protocol.md are what the protocol's definition makes of the texts beside them."""

import re
import struct
import subprocess

from source_tree import run_rule

PAGE = "docs/protocol.md"


def rule(tree):
    shown = re.findall(r"```text (\w+)\n(.*?)\n```\n```hex\n(.*?)\n```", tree.read(PAGE), re.S)
    if len(shown) < 8:
        tree.find(PAGE, f"shows {len(shown)} frames that can be checked")
    for kind, text, digits in shown:
        encoded = subprocess.run(
            ["protoc", "-I", "proto", f"--encode=baton.v1.{kind}", "baton/v1/wire.proto"],
            cwd=tree.root, input=text.encode(), capture_output=True, check=False,
        )  # fmt: skip
        if encoded.returncode != 0:
            tree.find(PAGE, f"a {kind} cannot be encoded: {encoded.stderr.decode().strip()}")
        elif struct.pack(">I", len(encoded.stdout)) + encoded.stdout != bytes.fromhex(digits):
            tree.find(PAGE, f"the bytes of this {kind} differ:\n{text}")


run_rule(rule)
