"""Servers under load: the site's own command on a free port, the CPU of its processes, and wrk in front of it."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobs.supervisor.addresses import serves_http
from jobs.supervisor.services import services
from shared.config import ROOT, Settings
from shared.errors import MarketError

_TICK = os.sysconf("SC_CLK_TCK")
_LUA = """
local paths = {%s}
local at = 0
wrk.headers["Accept-Encoding"] = "br"
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
"""


class CannotMeasure(MarketError):
    """Something that a measurement needs is not there."""

    code = "cannot_measure"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on `port`; `pids` are the roots of its process trees."""

    port: int
    pids: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """CPU used so far by all of its processes."""
        return sum(_cpu_seconds(pid) for root in self.pids for pid in _tree(root))


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of wrk showed."""

    requests: int
    per_second: float
    cpu_per_request: float


@contextmanager
def granian(target: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """The public site's own server command, serving the WSGI factory `target` ("wsgi:public") on a free port."""
    port = free_port()
    environ = {**environ, "STEVESLIST_PUBLIC_BIND": f"127.0.0.1:{port}"}
    settings = Settings.from_environment(environ)
    command = next(service.command for service in services(settings) if service.name == "public")
    command = tuple(target if word == "wsgi:public" else word for word in command)
    with _running(command, {**os.environ, **environ}, port) as server:
        yield server


@contextmanager
def nginx(upstream: Server) -> Iterator[Server]:
    """nginx with a short-lived cache in front of a server, as deploy/ sets it up."""
    with tempfile.TemporaryDirectory() as home:
        yield from _nginx(home, _CACHING, upstream, "127.0.0.1", free_port())


@contextmanager
def nginx_tls(upstream: Server, address: str, port: int) -> Iterator[Server]:
    """nginx as the public end of a site: TLS 1.3 and HTTP/2, with a certificate that it signs itself."""
    with tempfile.TemporaryDirectory() as home:
        made = ["-keyout", f"{home}/key", "-out", f"{home}/certificate"]
        subprocess.run([*_SELF_SIGNED, *made], check=True, capture_output=True)
        yield from _nginx(home, _TLS, upstream, address, port)


def _nginx(home: str, server: str, upstream: Server, address: str, port: int) -> Iterator[Server]:
    # Workers of an nginx that root started would be nobody, who may not write here.
    user = "user root;" if os.getuid() == 0 else ""
    values = {"user": user, "home": home, "listen": f"{address}:{port}", "upstream": upstream.port}
    config = _NGINX.format(**values, server=server.format(**values))
    Path(home, "nginx.conf").write_text(config, encoding="utf-8")
    command = ("nginx", "-p", home, "-c", f"{home}/nginx.conf", "-e", f"{home}/error.log")
    with _running(command, os.environ, port, address) as running:
        yield Server(port, (*running.pids, *upstream.pids))


_SELF_SIGNED = (
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost",
)  # fmt: skip
_NGINX = """
{user} daemon off; pid {home}/pid; worker_processes 2; error_log {home}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
  uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  upstream site {{ server 127.0.0.1:{upstream}; keepalive 8; }}
  proxy_http_version 1.1;
  {server}
}}
"""
_CACHING = """
  proxy_cache_path {home}/cache levels=1:2 keys_zone=pages:10m max_size=100m;
  server {{
    listen {listen};
    location / {{
      proxy_pass http://site; proxy_set_header Connection "";
      proxy_cache pages; proxy_cache_use_stale updating; proxy_cache_lock on;
    }}
  }}
"""
# A TLS record is read as a whole: one of the usual 16 KB does not fit into the first flight of ten packets.
_TLS = """
  server {{
    listen {listen} ssl http2;
    ssl_certificate {home}/certificate; ssl_certificate_key {home}/key;
    ssl_protocols TLSv1.3; ssl_ecdh_curve X25519:prime256v1; ssl_buffer_size 4k;
    location / {{
      proxy_pass http://site; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;
    }}
  }}
"""


@contextmanager
def _running(
    command: Sequence[str], environ: Mapping[str, str], port: int, address: str = "127.0.0.1"
) -> Iterator[Server]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not serves_http(f"{address}:{port}"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotMeasure(f"{command[0]} did not start to answer.")
            time.sleep(0.1)
        yield Server(port, (process.pid,))
    finally:
        process.terminate()
        process.wait(20)


def load(server: Server, paths: Sequence[str], seconds: int, connections: int = 4) -> Load:
    """Ask for `paths` in turn for so long. Raises CannotMeasure when an answer was an error or wrk is missing."""
    if shutil.which("wrk") is None:
        raise CannotMeasure("This bench needs wrk: apt-get install wrk.")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA % ", ".join(f'"{path}"' for path in paths))
        script.flush()
        before = server.cpu_seconds()
        said = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name, f"http://127.0.0.1:{server.port}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        used = server.cpu_seconds() - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise CannotMeasure(f"{paths[0]}: {said.splitlines()[-4:]}")
    found = re.search(r"(\d+) requests in.*Requests/sec:\s+([\d.]+)", said, re.S)
    if found is None or not int(found[1]):
        raise CannotMeasure(f"{paths[0]}: no answers")
    return Load(int(found[1]), float(found[2]), used / int(found[1]))


def free_port() -> int:
    """A port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tree(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK
