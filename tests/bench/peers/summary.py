#!/usr/bin/env python3
"""Reads the JSON lines of the repetitions and prints the median of each row: as a markdown table, or as JSON lines.

    summary.py text|json <LINES
"""

import json
import statistics
import sys

COLUMNS = ("workload", "peer", "durability", "messages", "messages/s", "lowest to highest", "p50 / p99 ms",
           "server CPU s per million", "server RSS MB")
WORKLOADS = ("produce", "end-to-end", "latency", "fan-out", "backlog", "add-jobs", "process-jobs")
NUMBERS = ("messages", "size", "messages_per_second", "p50_us", "p99_us", "rss_bytes",
           "server_cpu_seconds_per_million")
WHOLE = ("messages", "size", "p50_us", "p99_us", "rss_bytes")


def like_peers(line):
    """Baton's own reports in the peers' words: its `jobs` are two rows."""
    if line["peer"] != "baton":
        return [line]
    if line["workload"] != "jobs":
        return [{**line, "rss_bytes": line["server_rss_bytes"]}]
    added = {**line, "workload": "add-jobs", "messages_per_second": line["produced_per_second"],
             "server_cpu_seconds_per_million": line["produce_cpu_seconds_per_million"],
             "rss_bytes": line["rss_bytes_when_produced"]}
    return [added, {**line, "workload": "process-jobs", "rss_bytes": line["server_rss_bytes"]}]


def median_row(lines):
    row = {name: lines[0][name] for name in ("peer", "durability", "workload")}
    for name in NUMBERS:
        values = [line[name] for line in lines if line.get(name) is not None]
        value = round(statistics.median(values), 3) if values else None
        row[name] = int(value) if name in WHOLE and value is not None else value
    speeds = [line["messages_per_second"] for line in lines]
    return {**row, "runs": len(lines), "lowest_per_second": round(min(speeds), 1),
            "highest_per_second": round(max(speeds), 1)}


def number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def cells(row):
    latencies = [row["p50_us"], row["p99_us"]]
    return (row["workload"], row["peer"], row["durability"], number(row["messages"]),
            number(row["messages_per_second"]),
            "" if row["runs"] == 1 else f"{number(row['lowest_per_second'])} to {number(row['highest_per_second'])}",
            "" if None in latencies else " / ".join(number(us / 1000, 2) for us in latencies),
            number(row["server_cpu_seconds_per_million"], 2), number(row["rss_bytes"] / 1e6))


def main():
    groups = {}
    for text in sys.stdin:
        for line in like_peers(json.loads(text)):
            groups.setdefault((line["workload"], line["peer"], line["durability"]), []).append(line)
    rows = sorted((median_row(lines) for lines in groups.values()), key=lambda row: WORKLOADS.index(row["workload"]))
    if sys.argv[1:] == ["json"]:
        for row in rows:
            print(json.dumps(row))
        return
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for row in rows:
        print("| " + " | ".join(cells(row)) + " |")


main()
