"""``python -m hemeroteca.demo``: the newspapers in a process of their own, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import os
import signal
from datetime import date
from pathlib import Path

from hemeroteca.demo.server import Newspapers
from storage.files import replace_whole


def main() -> None:
    """Serve until told to stop. The port file is complete when it appears, and then connections are accepted."""
    arguments = _parse_arguments()
    stops = {signal.SIGTERM, signal.SIGINT}
    # blocked before any thread starts, so that every thread leaves them to sigwait
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    with Newspapers(arguments.ledger, arguments.night, arguments.port, arguments.night_file) as newspapers:
        if arguments.port_file:
            replace_whole(arguments.port_file, f"{newspapers.port}\n")
        print(newspapers.connect_to, flush=True)
        signal.sigwait(stops)


def _parse_arguments() -> argparse.Namespace:
    today = os.environ.get("HEMEROTECA_TODAY")
    parser = argparse.ArgumentParser(prog="python -m hemeroteca.demo", description=main.__doc__)
    parser.add_argument("--port-file", type=Path, help="where to write the port")
    parser.add_argument("--ledger", type=Path, help="where to log every response, one JSON line each")
    parser.add_argument(
        "--night", type=date.fromisoformat, default=today, help="default: HEMEROTECA_TODAY, else today (UTC)"
    )
    parser.add_argument("--night-file", type=Path, help="read at each request; overrides --night while it exists")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
