"""nginx on loopback: serves the gzipped pages of sites, with or without ETag and Last-Modified."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 10.0
_CONFIG = """
daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format sent '$status $bytes_sent'; access_log {place}/access.log sent;
  client_body_temp_path {place}/t1; proxy_temp_path {place}/t2; fastcgi_temp_path {place}/t3;
  uwsgi_temp_path {place}/t4; scgi_temp_path {place}/t5;
  types {{ }} default_type "text/html; charset=utf-8"; keepalive_requests 1000000; sendfile on; tcp_nopush on;
  open_file_cache max=20000;
  {validators}
  server {{
    listen 127.0.0.1:{port};
    root {root}{host};
    add_header Content-Encoding gzip;
    location / {{ try_files $uri.gz =404; }}
    location = /sitemap.xml {{ default_type application/xml; try_files $uri.gz =404; }}
    location = /robots.txt {{ default_type text/plain; try_files $uri.gz =404; }}
  }}
}}
"""
_NO_VALIDATORS = 'etag off; if_modified_since off; add_header Last-Modified ""; add_header Content-Encoding gzip;'


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serve_folder(root: Path, place: Path, port: int, validators: bool = True, by_host: bool = False) -> Iterator[None]:
    """Serve *root* at *port*; with *by_host*, for each host the folder in it of that name.

    nginx writes its files, such as access.log, to *place*. Raises SystemExit when nginx is not installed.
    """
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if nginx is None:
        raise SystemExit("nginx is missing: apt-get install --no-install-recommends nginx-light")
    place.mkdir(exist_ok=True)
    config = place / "nginx.conf"
    host, unsaid = "/$host" if by_host else "", "" if validators else _NO_VALIDATORS
    text = _CONFIG.format(place=place, root=root, host=host, port=port, validators=unsaid)
    if not validators:  # headers added to a server hide those of http
        text = text.replace("    add_header Content-Encoding gzip;\n", "")
    config.write_text(text)
    process = subprocess.Popen([nginx, "-c", str(config), "-p", str(place), "-e", str(place / "error.log")])
    try:
        _wait_for(port, process, place)
        yield
    finally:
        process.terminate()
        process.wait()


def count_sent_bytes(place: Path) -> int:
    """Return how many bytes nginx has sent so far."""
    return sum(int(line.split()[1]) for line in (place / "access.log").read_text().splitlines())


def _wait_for(port: int, process: subprocess.Popen[bytes], place: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    log = place / "error.log"
    raise SystemExit(f"nginx does not answer: {log.read_text() if log.exists() else process.poll()}")
