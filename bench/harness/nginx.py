"""nginx as a reverse proxy: the floor every ratio stands on.

Owns its installation from the distribution's package and its configuration: one worker, upstream
connections kept, no log, no buffering of replies, bodies held in memory.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bench.harness.contestant import Contestant, Site, Subject, UnavailableError, listening, output
from bench.harness.processes import free_port

_NGINX = """\
worker_processes 1;
daemon off;
{user}
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    client_max_body_size 64m;
    client_body_buffer_size 1m;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    upstream model {{
        server 127.0.0.1:{upstream_port};
        keepalive 2048;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://model;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 300s;
        }}
    }}
}}
"""


_PROGRAMS = Path(__file__).parents[2] / "tools" / "programs"


def _nginx_program() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def find_nginx() -> str:
    if _nginx_program() is None:
        subprocess.run([_PROGRAMS, "nginx"], check=False)  # says itself what it cannot
    if _nginx_program() is None:
        raise UnavailableError("nginx is not installed, and could not be")
    return output([str(_nginx_program()), "-v"]).strip().removeprefix("nginx version: ")


def start_nginx(site: Site) -> Subject:
    port = free_port()
    configuration = site.directory / "nginx.conf"
    configuration.write_text(
        _NGINX.format(
            user="user root;" if os.geteuid() == 0 else "",  # else workers cannot enter
            directory=site.directory,
            port=port,
            upstream_port=site.upstream_port,
        )
    )
    command = [str(_nginx_program()), "-p", str(site.directory), "-c", str(configuration)]
    return listening(site, "nginx", command, port)


NGINX = Contestant("nginx", "nginx proxy_pass", find_nginx, start_nginx)
