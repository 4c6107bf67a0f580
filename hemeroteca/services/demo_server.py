"""The demo newspapers, served beside the archive of a demo home.

{home}/demo/port           where they listen, once they do
{home}/demo/ledger.jsonl   every response they sent
"""

from __future__ import annotations

import sys

from hemeroteca.configuration import Settings
from hemeroteca.services.children import Children
from hemeroteca.services.environment import build_server_environment
from hemeroteca.services.reachability import wait_until

START_SECONDS = 60.0
STOP_SECONDS = 5.0


def start_demo_newspapers(settings: Settings, children: Children) -> str:
    """Serve tonight's newspapers, and return what leads a crawl to them (``Settings.connect_to``).

    Where the home's settings say that themselves, none are served.
    """
    if settings.connect_to:
        return settings.connect_to
    home = settings.home
    home.make_folder(home.demo)
    home.demo_port.unlink(missing_ok=True)
    command = [sys.executable, "-P", "-m", "hemeroteca.demo", "--night", str(settings.tonight())]
    command += ["--night-file", str(home.today), "--port-file", str(home.demo_port), "--ledger", str(home.demo_ledger)]
    children.start("demo newspapers", command, build_server_environment(settings), home.demo_log, STOP_SECONDS)
    wait_until(home.demo_port.exists, children, START_SECONDS)
    return f":80:127.0.0.1:{home.demo_port.read_text().strip()}"
