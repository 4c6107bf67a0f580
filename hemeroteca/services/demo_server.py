"""The demo newspapers, served beside the archive of a demo home.

{home}/demo/port           where they listen, once they do
{home}/demo/ledger.jsonl   every response they sent
"""

from __future__ import annotations

import sys

from hemeroteca.configuration import Settings
from hemeroteca.services.children import Children
from hemeroteca.services.environment import server_environment
from hemeroteca.services.loopback import wait_until

START_SECONDS = 60.0
STOP_SECONDS = 5.0


def start_demo(settings: Settings, children: Children) -> dict[str, str]:
    """Serve tonight's newspapers, and return the environment that leads a crawl to them.

    A home that says itself where its hosts are is left alone.
    """
    if settings.connect_to:
        return {}
    folder = settings.home / "demo"
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-P", "-m", "hemeroteca.demo", "--night", str(settings.tonight())]
    command += ["--night-file", str(settings.today_file)]
    command += ["--port-file", str(port_file), "--ledger", str(folder / "ledger.jsonl")]
    children.start("demo newspapers", command, server_environment(settings), folder / "demo.log", STOP_SECONDS)
    wait_until(port_file.exists, children, START_SECONDS)
    return {"HEMEROTECA_CONNECT_TO": f":80:127.0.0.1:{port_file.read_text().strip()}"}
