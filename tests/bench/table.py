#!/usr/bin/env python3
"""Reads the benches' JSON lines and prints them as a markdown table; each line may have a `row` that names it."""

import json
import sys

COLUMNS = ("workload", "messages", "seconds", "messages/s", "p50 / p99 / p99.9 ms", "server CPU s per million",
           "server RSS MB")


def number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def cells(report):
    latencies = [report.get(key) for key in ("p50_us", "p99_us", "p999_us")]
    return (report.get("row", report["workload"]), number(report.get("messages")), number(report["seconds"], 2),
            number(report.get("messages_per_second")),
            "" if None in latencies else " / ".join(number(us / 1000, 2) for us in latencies),
            number(report.get("server_cpu_seconds_per_million"), 2),
            number(report["server_rss_bytes"] / 1e6) if "server_rss_bytes" in report else "")


def main():
    reports = [json.loads(line) for line in sys.stdin]
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for report in reports:
        print("| " + " | ".join(cells(report)) + " |")
    speeds = {report["workload"]: report.get("messages_per_second") for report in reversed(reports)}
    if speeds.get("raw") and speeds.get("produce"):
        print(f"\nProduce runs at {100 * speeds['produce'] / speeds['raw']:.0f} % of raw.")


main()
