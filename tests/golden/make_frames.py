#!/usr/bin/env python3
"""Writes the bytes under each text of frames.txt, with protoc. Run once for a new kind of frame, at the root:

    tests/golden/make_frames.py

What is in the file already is a promise: bytes that would change are reported and left as they are.
"""

import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(HERE, "frames.txt")
BLOCK = re.compile(r"^=== (ClientFrame|ServerFrame)\n(.*?)^---\n(.*?)(?=^===|\Z)", re.S | re.M)


def encode(kind, text):
    body = subprocess.run(
        ["protoc", "-I", "proto", f"--encode=baton.v1.{kind}", "baton/v1/wire.proto"],
        cwd=ROOT, input=text.encode(), capture_output=True, check=True,
    ).stdout  # fmt: skip
    return struct.pack(">I", len(body)) + body


changed = False


def with_bytes(block):
    global changed
    kind, text, digits = block.groups()
    frame = encode(kind, text)
    if digits.strip() and bytes.fromhex(digits) != frame:
        print(f"the bytes of this {kind} would change:\n{text}", file=sys.stderr)
        changed = True
        return block.group(0)
    lines = [frame[i : i + 32].hex() for i in range(0, len(frame), 32)]
    return f"=== {kind}\n{text}---\n" + "\n".join(lines) + "\n\n"


with open(PAGE, encoding="utf-8") as page:
    golden = page.read()
golden = BLOCK.sub(with_bytes, golden).rstrip("\n") + "\n"
with open(PAGE, "w", encoding="utf-8") as page:
    page.write(golden)
sys.exit(1 if changed else 0)
