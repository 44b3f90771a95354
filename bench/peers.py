"""The programs that are measured, each started on a free port of 127.0.0.1 and stopped again."""
import contextlib
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """What stops the benchmark, in one line."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, seconds, done, every=0.005):
    end = time.monotonic() + seconds
    while not (answer := done()):
        if time.monotonic() > end:
            raise Failed(f"waited {seconds} s for {what}")
        time.sleep(every)
    return answer


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def stop(process):
    if process and process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(pid):
    """The process and all that descend from it."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [below for child in children for below in family(int(child))]


class Upstream:
    def __init__(self, binaries):
        self.process = subprocess.Popen([binaries / "bench_upstream"], stdout=subprocess.PIPE,
                                        text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def received(self):
        """args.n -> when the call came in, in ns of CLOCK_MONOTONIC."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/received")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        return {int(number): int(at) for number, at in (line.split() for line in lines)}

    def stop(self):
        stop(self.process)


class Nginx:
    """Debian's nginx with a configuration of its own: one worker, connections kept."""

    def __init__(self, directory, upstream_port):
        binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not binary:
            raise Failed("nginx is missing: scripts/deps bench installs it")
        self.port = free_port()
        directory.mkdir()
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
        temporary = "\n".join(
            f"  {kind}_temp_path {directory}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (directory / "nginx.conf").write_text(f"""\
{user}
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
{temporary}
  upstream bench {{
    server 127.0.0.1:{upstream_port};
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{self.port};
    keepalive_requests 1000000000;
    location / {{
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
""")
        command = [binary, "-p", directory, "-c", directory / "nginx.conf", "-e",
                   directory / "error.log"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        wait_until("nginx", 5, lambda: self.process.poll() is not None or accepts(self.port))
        if self.process.poll() is not None:
            raise Failed(f"nginx: {self.process.stderr.read().strip()}")

    def pids(self):
        return family(self.process.pid)

    def stop(self):
        stop(self.process)


class Preloop:
    """`preloop serve` on a data directory of its own. Made once, started and stopped many times."""

    EMAIL, PASSWORD = "bench@example.com", "correct horse battery staple"

    def __init__(self, binary, directory, io_threads):
        self.binary, self.directory = binary, directory
        self.data = directory / "data"
        directory.mkdir()
        self.port = free_port()
        self.process = None
        self.arguments = [
            binary, "serve", "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.data,
            "--no-example", "--log-level", "warn"]
        if io_threads:
            self.arguments += ["--io-threads", str(io_threads)]
        if os.getuid() == 0:
            self.arguments += ["--run-as", pwd.getpwuid(0).pw_name]
        # Its own home: a first start writes a client file there.
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(directory), "PRELOOP_DATA_DIR": str(self.data),
            "PRELOOP_ADMIN_EMAIL": self.EMAIL, "PRELOOP_ADMIN_PASSWORD": self.PASSWORD}

    def start(self):
        """Seconds from exec to the first 200 of /readyz."""
        with open(self.directory / "log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(self.arguments, env=self.environment, stdout=log,
                                            stderr=log)
        wait_until("preloop to be ready", 20, self.is_ready, every=0.0005)
        return time.monotonic() - began

    def is_ready(self):
        if self.process.poll() is not None:
            tail = (self.directory / "log").read_text(errors="replace").strip()[-500:]
            raise Failed(f"preloop ended with {self.process.returncode}: {tail}")
        with contextlib.suppress(OSError), socket.create_connection(
                ("127.0.0.1", self.port), 1) as client:
            client.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return client.recv(64).startswith(b"HTTP/1.1 200")
        return False

    def stop(self):
        stop(self.process)

    def pids(self):
        return family(self.process.pid)

    def admin(self, *arguments):
        command = [self.binary, "admin", *arguments, "--output", "json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"preloop admin {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def agent_key(self, name):
        return self.admin("key", "create", "--class", "agent", "--name", name)["key"]

    def operator_key(self):
        return self.admin("key", "create", "--class", "operator", "--name", "bench",
                          "--scopes", "read,decide,configure")["key"]

    def resident_kib(self):
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total


class Rest:
    """Preloop's REST API over one kept connection."""

    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method, path, body=None, kind="application/json"):
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = kind
        self.connection.request(method, "/api/v1" + path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status // 100 != 2:
            raise Failed(f"{method} {path}: {answer.status} {text.decode(errors='replace')[:500]}")
        return json.loads(text) if text else None

    def apply_policy(self, upstream_port):
        text = (HERE / "policy.yaml").read_text().replace("@PORT@", str(upstream_port))
        return self.ask("POST", "/policies/apply", text.encode(), "application/yaml")

    def pending(self):
        items, cursor = [], ""
        while True:
            page = self.ask("GET", f"/approval-requests?status=pending&limit=200{cursor}")
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = "&cursor=" + page["next_cursor"]
