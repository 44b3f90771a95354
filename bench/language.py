#!/usr/bin/env python3
"""Measures conditions and argument checks: bench/language.py [--quick]. Part of `make bench`.

Our engine with cost tracking on, on one pinned core, beside two JavaScript engines in the same run.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = {"E1": 50, "E2": 50, "E3": 120, "E4": 220, "E5": 400, "schema": 2000}
WHAT = {"E1": "E1 args.amount > 1000", "E2": "E2 args.environment == …", "E3": "E3 three terms",
        "E4": "E4 startsWith or regex", "E5": "E5 exists over 10", "schema": "1 KiB against a schema"}


def pinned(command):
    core = max(os.sched_getaffinity(0))
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
                          preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    return json.loads(done.stdout)


def measure(binaries, milliseconds):
    """Figures of ours and of each peer, in nanoseconds."""
    peers = ROOT / "bench/cel"
    return {"ours": pinned([binaries / "bench_language", str(milliseconds)]),
            "peers": pinned(["node", peers / "peers.mjs", str(milliseconds)])}


def table(result):
    peers = list(result["peers"])
    head = ("ns, one pinned core", "preloop", "target", "of target", "heap", *peers)
    lines = [head]
    for name, ours in result["ours"].items():
        others = [result["peers"][peer].get(name) for peer in peers]
        lines.append((WHAT[name], f"{ours['ns']:.1f}", f"≤ {TARGETS[name]}",
                      f"{ours['ns'] / TARGETS[name]:.2f}", f"{ours['allocations']:g}",
                      *("" if ns is None else f"{ns:.0f}" for ns in others)))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)


if __name__ == "__main__":
    figures = measure(ROOT / "build/release", 100 if "--quick" in sys.argv else 1000)
    print(table(figures))
