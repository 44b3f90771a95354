"""The table of `make bench`."""
from measure import median


def medians(rounds, *keys):
    def value(report):
        for key in keys:
            report = report[key]
        return report
    return median([value(report) for report in rounds])


def added(rounds, against, percentile):
    """Median of what each round's proxy added to the direct path, in ms."""
    return median([(proxied["latency_us"][percentile] - direct["latency_us"][percentile]) / 1000
                   for proxied, direct in zip(rounds, against)])


def rows(result):
    """(what, Preloop, nginx, target, factor); factor above 1 misses the target."""
    peak, half = result["max"], result["half"]
    out = []

    def row(what, value, target, *, unit, nginx=None, at_least=False):
        factor = (target / value if at_least else value / target) if value and target else None
        sign = ("≥ " if at_least else "≤ ") if target else ""
        out.append((what, show(value), show(nginx), f"{sign}{show(target)}", unit,
                    "" if factor is None else f"{factor:.2f}"))

    mine, theirs = peak.get("preloop"), peak["nginx"]
    nginx_cpu = medians(theirs, "cpu_us_per_call")
    nginx_rate = medians(theirs, "calls_per_second")
    if not mine:
        row("CPU a call, all threads", None, None, unit="µs", nginx=nginx_cpu)
        row("calls at most", None, None, unit="1/s", nginx=nginx_rate)
        return out
    row("CPU a governed call, all threads", medians(mine, "cpu_us_per_call"), 75, unit="µs",
        nginx=nginx_cpu)
    row("governed calls at most", medians(mine, "calls_per_second"), None, unit="1/s",
        nginx=nginx_rate)
    row("  as a share of nginx's",
        median([a["calls_per_second"] / b["calls_per_second"] for a, b in zip(mine, theirs)]), 0.4,
        unit="", at_least=True)
    for percentile, target in (("p50", 0.3), ("p99", 2.0)):
        row(f"added {percentile} at {result['half_rate']:.0f} calls/s",
            added(half["preloop"], half["direct"], percentile), target, unit="ms",
            nginx=added(half["nginx"], half["direct"], percentile))
    dispatch, fsync = result["dispatch"], result["fsync_us"]
    row("decision → dispatch p99, from the answer", dispatch["from_answer_us"]["p99"] / 1000, 2.0,
        unit="ms")
    row("  from the request, commit included", dispatch["from_request_us"]["p99"] / 1000, None,
        unit="ms")
    row("  this disk's fsync p50", fsync["p50"] / 1000, None, unit="ms")
    row("  this disk's fsync p99", fsync["p99"] / 1000, None, unit="ms")
    row("memory, idle", result["idle_kib"] / 1024, 40, unit="MiB")
    held = result["held"]
    row(f"memory, {held['count']} held calls more", (held["after_kib"] - held["before_kib"]) / 1024,
        10 * held["count"] / 1000, unit="MiB")
    row("memory, after the load", result["loaded_kib"] / 1024, None, unit="MiB")
    row("start to ready, existing data", median(result["start_ms"]), 80, unit="ms")
    row("start to ready, first start", result["first_start_ms"], None, unit="ms")
    return out


def show(value):
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def table(result):
    head = ("", "preloop", "nginx", "target", "", "of target")
    lines = [head, *rows(result)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) if i in (0, 4) else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
        for line in lines)
