"""One function for each thing that is measured. Durations are microseconds unless a name says
otherwise."""
import json
import math
import os
import pathlib
import statistics
import subprocess
import threading
import time

from peers import Failed, wait_until

CONNECTIONS = 32


class Load:
    """Runs bench_load against one target: direct, nginx or preloop."""

    def __init__(self, binaries, port, path, tool, tokens=(), pids=None):
        self.command = [binaries / "bench_load", "--port", str(port), "--path", path, "--tool", tool,
                        "--tokens", ",".join(tokens)]
        self.pids = pids or (lambda: [])
        self.complaints = []

    def run(self, mode, seconds, **options):
        command = self.command + ["--mode", mode, "--seconds", str(seconds),
                                  "--cpu-of", ",".join(map(str, self.pids()))]
        for name, value in {"connections": CONNECTIONS, **options}.items():
            command += ["--" + name, str(value)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 2 or not done.stdout:
            raise Failed(done.stderr.strip() or f"bench_load ended with {done.returncode}")
        report = json.loads(done.stdout)
        if report["errors"] or report["lost_connections"]:
            self.complaints.append(
                f"{mode}: {report['errors']} errors, {report['lost_connections']} lost connections; "
                f"first: {report['first_error']}")
        return report

    def hold(self, connections):
        """Starts that many calls and returns once all are sent."""
        command = self.command + ["--mode", "hold", "--tool", "bench__hold",
                                  "--connections", str(connections)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if not process.stdout.readline().startswith('{"sent"'):
            raise Failed(f"bench_load could not send {connections} calls")
        return process


def quantile(values, fraction):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(fraction * len(ordered)) - 1)]


def spread(values):
    return {"p50": quantile(values, 0.5), "p99": quantile(values, 0.99), "max": max(values),
            "count": len(values)}


def cpu_ticks(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total


def wait_until_quiet(peer):
    """Until the processes have used no CPU for half a second (one tick is 10 ms)."""
    state = {"ticks": -1, "since": 0.0}

    def quiet():
        ticks = cpu_ticks(peer.pids())
        if ticks > state["ticks"] + 1:
            state.update(ticks=ticks, since=time.monotonic())
        return time.monotonic() - state["since"] > 0.5
    wait_until("an idle server", 30, quiet, every=0.05)


def fsync_us(directory, count):
    """What one small durable write costs on the file system of the data directory."""
    path = directory / "fsync-probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    page = b"x" * 4096
    durations = []
    for _ in range(count):
        began = time.perf_counter_ns()
        os.write(descriptor, page)
        os.fdatasync(descriptor)
        durations.append((time.perf_counter_ns() - began) / 1000)
    os.close(descriptor)
    path.unlink()
    return spread(durations)


def start_to_ready_ms(preloop, count):
    """On the data directory that is there. Leaves it running."""
    times = []
    for _ in range(count):
        preloop.stop()
        times.append(preloop.start() * 1000)
    return times


def held_calls(preloop, load, rest, count):
    """Memory while `count` calls wait for a person. Returns the load, still waiting, and figures."""
    wait_until_quiet(preloop)
    before = preloop.resident_kib()
    process = load.hold(count)
    threading.Thread(target=process.stdout.read, daemon=True).start()
    wait_until_quiet(preloop)
    # Memory first: asking for the list takes some.
    after = preloop.resident_kib()
    pending = rest.pending()
    if len(pending) != count:
        process.terminate()
        raise Failed(f"{len(pending)} of {count} calls are held")
    return process, pending, {"before_kib": before, "after_kib": after, "count": count}


def decision_to_dispatch(rest, upstream, pending):
    """Approves one request after the other, each when the one before has reached the upstream: else
    the next decision's fsync would be measured. The server commits the decision between our request
    and its answer, so the true figure lies between the two that are returned."""
    from_answer, from_request = [], []
    for request in pending:
        number = request["arguments"]["n"]
        sent = time.monotonic_ns()
        rest.ask("POST", f"/approval-requests/{request['id']}/approve", b"{}")
        answered = time.monotonic_ns()
        received = wait_until("an approved call to reach the upstream", 10,
                              lambda n=number: upstream.received().get(n))
        from_answer.append((received - answered) / 1000)
        from_request.append((received - sent) / 1000)
    return {"from_answer_us": spread(from_answer), "from_request_us": spread(from_request)}


def median(values):
    return statistics.median(values)
