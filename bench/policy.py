#!/usr/bin/env python3
"""Measures decisions, large policies and replay: bench/policy.py [--quick]. Part of `make bench`.

In process, on one pinned core: what the engine takes of a call, without network, record and commit.
"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True
from language import pinned  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent


def measure(binaries, milliseconds):
    return pinned([binaries / "bench_policy", str(milliseconds)])


def table(result):
    ratio = result["large_p50_us"] / result["small_p50_us"]
    rows = [
        ("whole decision, 20 rules, 1 KiB, p99 µs", f"{result['decision_p99_us']:.1f}", "≤ 10",
         result["decision_p99_us"] <= 10),
        ("the same, p50 µs", f"{result['decision_p50_us']:.1f}", "", True),
        ("10,000 rules of 1,000 tools: p50 of its ten rules alone", f"{ratio:.2f}", "0.9 to 1.1",
         0.9 <= ratio <= 1.1),
        ("the same: read and compiled, ms", f"{result['large_load_ms']:.0f}", "≤ 500",
         result["large_load_ms"] <= 500),
        ("the same: one rule changed, ms", f"{result['large_change_ms']:.1f}", "≤ 5",
         result["large_change_ms"] <= 5),
        ("the same: kept, MiB", f"{result['large_mib']:.1f}", "≤ 40", result["large_mib"] <= 40),
        ("replayed calls a second", f"{result['replayed_per_second']:,.0f}", "≥ 50,000",
         result["replayed_per_second"] >= 50_000),
    ]
    head = ("decisions, one pinned core", "preloop", "target", "")
    lines = [head, *((what, figure, target, "" if met else "missed") for what, figure, target, met in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) if i in (0, 3) else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)


if __name__ == "__main__":
    print(table(measure(ROOT / "build/release", 100 if "--quick" in sys.argv else 1000)))
