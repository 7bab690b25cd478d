"""Dependencies between folders point one way, and third-party libraries stay where they belong."""

import re

from source_tree import CODE, run_rule

# Longest prefix wins. "baton/" is the client's public headers.
MAY_INCLUDE = {
    "proto/": ["proto/"],
    "server/core/": ["server/core/"],
    "storage/": ["storage/", "server/core/", "proto/", "baton/store/"],
    "server/engine/": ["server/engine/", "server/core/", "storage/"],
    "server/session/": ["server/session/", "server/core/", "server/engine/", "proto/"],
    "server/http/": ["server/http/", "server/engine/", "server/core/", "storage/"],
    "server/daemon/": ["server/", "storage/"],
    "client/": ["client/", "baton/", "proto/"],
    "client/include/": ["baton/"],
    "client/examples/": ["baton/", "client/examples/"],
    "cli/": ["cli/", "client/", "baton/", "proto/entry_format.hpp"],
    # The benchmark `raw` writes the chunks that the broker would write, straight into RocksDB.
    "tests/": ["tests/", "proto/", "server/", "storage/", "client/", "baton/", "cli/"],
}
LIBRARIES = {
    "rocksdb": re.compile(r"<rocksdb/"),
    "asio": re.compile(r"<boost/(asio|beast)"),
    "spdlog": re.compile(r"<spdlog/"),
    "protobuf": re.compile(r"<google/protobuf/|\.pb\.h>"),
    "the store's records": re.compile(r"baton/store/v1/"),
    "the wire's messages": re.compile(r"baton/v1/\w+\.pb\.h"),
    "prometheus": re.compile(r"<prometheus/"),
    "the command line parser": re.compile(r"<CLI/"),
}
SEEN_IN = {
    "rocksdb": ["storage/", "cli/bench", "tests/"],
    "asio": ["server/session/", "server/http/", "client/", "tests/"],
    "spdlog": ["server/session/", "server/http/", "server/engine/", "server/daemon/", "storage/", "tests/"],
    "protobuf": ["proto/", "storage/", "server/session/", "client/", "tests/"],
    "the store's records": ["storage/", "tests/"],
    "the wire's messages": ["proto/", "server/session/", "client/", "tests/"],
    "prometheus": ["server/http/", "tests/"],
    "the command line parser": ["server/daemon/", "cli/", "tests/"],
}
# Seen by whoever includes them, so these say nothing of the libraries behind.
CLOSED_HEADERS = ["client/include/", "server/core/", "server/engine/"]


def rule(tree):
    for path in tree.files(*CODE):
        home = max((prefix for prefix in MAY_INCLUDE if path.startswith(prefix)), key=len, default=None)
        if home is None:
            tree.find(path, "lies in a folder whose dependencies nobody has stated")
            continue
        closed = path.endswith(".hpp") and any(path.startswith(prefix) for prefix in CLOSED_HEADERS)
        for number, line in enumerate(tree.lines(path), 1):
            include = re.match(r'\s*#\s*include\s+(<[^>]+>|"[^"]+")', line)
            if not include:
                continue
            where, target = f"{path}:{number}", include[1]
            if target[0] == '"' and not any(target[1:].startswith(prefix) for prefix in MAY_INCLUDE[home]):
                tree.find(where, f"{home} may not include {target}")
            for library, pattern in LIBRARIES.items():
                if not pattern.search(target):
                    continue
                if closed:
                    tree.find(where, f"{library} shows in a header that keeps it out")
                elif not any(path.startswith(prefix) for prefix in SEEN_IN[library]):
                    tree.find(where, f"{library} does not belong here")


run_rule(rule)
