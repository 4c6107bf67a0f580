"""`hemeroteca serve`: the archive over HTTP, for CDX and Memento clients."""

from __future__ import annotations

from typing import Annotated

import typer

from hemeroteca.cli.opened_archive import open_with_store
from hemeroteca.cli.terminal import say
from hemeroteca.configuration import read_settings


def serve(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Of CDX, TimeGates and TimeMaps.")] = 8480,
    replay_port: Annotated[int, typer.Option("--replay-port", min=0, max=65535, help="Of the archived bytes.")] = 8481,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer.")] = 2,
    root_path: Annotated[str, typer.Option("--root-path", metavar="PATH", help="The prefix that a proxy adds.")] = "",
    replay_origin: Annotated[
        str | None, typer.Option("--replay-origin", metavar="URL", help="Where a proxy shows the archived bytes.")
    ] = None,
) -> None:
    """Serve the archive to CDX and Memento clients, until Ctrl-C.

    Example: hemeroteca serve
    """
    from hemeroteca.web.application import Options
    from hemeroteca.web.serving import Place, listen
    from hemeroteca.web.serving import serve as run

    listening = listen(Place(host, port, replay_port))
    with open_with_store(read_settings()) as archive:
        archive.catalog.newest_night()  # opened, or migrated, once and before anybody asks
        index, replay = listening.addresses
        say(f"CDX        {index}/cdx (pywb), {index}/cdx/search/cdx (Wayback)")
        say(f"Memento    {index}/web/URL, {index}/web/timemap/link/URL")
        say(f"Raw bytes  {replay}/web/TIMEid_/URL")
        say("Ctrl-C stops the server.", flush=True)
        run(listening, Options(replay_port, replay_origin, root_path), workers)
