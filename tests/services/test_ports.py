"""Ports are chosen seconds before a server binds them: meanwhile no other process of ours chooses them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

from hemeroteca.services.ports import keep_ports, release_ports

CHOOSE = """
import sys
from pathlib import Path
from hemeroteca.services.ports import keep_ports
print(keep_ports(Path(sys.argv[1]), ["one"])["one"])
"""


def choose_elsewhere(path: Path) -> int:
    """Return the port that another process chooses for the server of *path*."""
    done = subprocess.run([sys.executable, "-c", CHOOSE, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_chosen_port_is_nobody_elses_before_its_server_has_it(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    port = keep_ports(path, ["one"])["one"]
    assert keep_ports(path, ["one"])["one"] == port, "it is ours already"
    (tmp_path / "other.json").write_text(json.dumps({"one": port}))
    assert choose_elsewhere(tmp_path / "other.json") != port
    release_ports([port])
    assert choose_elsewhere(path) == port
    assert choose_elsewhere(path) == port, "it is free again when its process has ended"


def test_a_port_that_a_server_has_is_not_chosen(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    port = keep_ports(path, ["one"])["one"]
    release_ports([port])
    with socket.create_server(("127.0.0.1", port)):
        assert keep_ports(path, ["one"])["one"] != port


def test_two_servers_of_a_process_have_ports_of_their_own(tmp_path: Path) -> None:
    chosen = [keep_ports(tmp_path / f"{number}.json", ["one", "two"]) for number in range(50)]
    ports = [port for ports in chosen for port in ports.values()]
    assert len(set(ports)) == 100
    release_ports(ports)
