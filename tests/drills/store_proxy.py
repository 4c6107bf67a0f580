"""An HTTP proxy in front of the real S3 server that does to chosen requests what a bad store or network does.

A *fault* gets the request and a function that forwards it, and returns the answer for the client; None hangs up.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from storage.objects import S3Settings
from tests.drills.evidence import Place

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect"}


class Request(NamedTuple):
    """One request as the client sent it; ``key`` is that of the object, without the archive's prefix."""

    method: str
    path: str
    key: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """One answer of the store; *cut*: how many bytes of its body are sent before the connection is closed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut: int | None = None


Forward = Callable[[Request], Answer]
Fault = Callable[[Request, Forward], Answer | None]


class Rule(NamedTuple):
    """*fault* befalls the requests of *method* whose key matches, of each key the first *times*."""

    fault: Fault
    method: str
    key: re.Pattern[str]
    times: int
    chance: Callable[[], bool]


class StoreProxy:
    """Serves on 127.0.0.1 while the context lasts; ``settings`` lead a client through it."""

    def __init__(self, s3: S3Settings, patience_seconds: float = 60.0) -> None:
        self._patience_seconds = patience_seconds
        """A store that does not answer for so long has failed: SeaweedFS takes half a minute to say what it lost."""
        assert s3.endpoint_url and s3.access_key and s3.secret_key
        self._s3 = s3
        self.place = Place(s3.endpoint_url, s3.bucket, s3.prefix, s3.access_key, s3.secret_key.get_secret_value())
        self.rules: list[Rule] = []
        self.struck: Counter[str] = Counter()
        """How many requests each fault befell, by the name of the fault."""
        self._seen: Counter[tuple[int, str]] = Counter()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._late: list[threading.Thread] = []

    @property
    def settings(self) -> S3Settings:
        return self._s3.replace(endpoint_url=f"http://127.0.0.1:{self._server.server_address[1]}")

    def strike(
        self,
        fault: Fault,
        method: str = "",
        key: str = "",
        times: int = 10**9,
        chance: Callable[[], bool] | None = None,
    ) -> None:
        """Have *fault* befall the first *times* requests for each key that matches, where *chance* says so."""
        self.rules.append(Rule(fault, method, re.compile(key), times, chance or (lambda: True)))

    def heal(self) -> None:
        """Be a good store from now on; what is still on its way late arrives first."""
        self.rules.clear()
        for thread in self._late:
            thread.join()

    def answer(self, request: Request) -> Answer | None:
        for number, rule in enumerate(self.rules):
            if rule.method in ("", request.method) and rule.key.search(request.key):
                with self._lock:
                    self._seen[number, request.key] += 1
                    strikes = self._seen[number, request.key] <= rule.times and rule.chance()
                    self.struck[rule.fault.__name__] += strikes
                if strikes:
                    return rule.fault(request, self.forward)
        return self.forward(request)

    def forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.place.endpoint).netloc, timeout=self._patience_seconds)
        try:
            connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    connection.putheader(name, value)
            connection.endheaders(request.body or None)
            found = connection.getresponse()
            return Answer(found.status, found.getheaders(), found.read())
        except TimeoutError:
            return Answer(500, [], b"")
        finally:
            connection.close()

    def forward_late(self, request: Request, seconds: float) -> None:
        """Forward *request* in the background after so many seconds, whatever its client does meanwhile."""

        def wait_and_forward() -> None:
            time.sleep(seconds)
            self.forward(request)

        self._late.append(threading.Thread(target=wait_and_forward))
        self._late[-1].start()

    def sign(self, request: Request) -> Request:
        """Return *request* signed again, after a fault changed what its client had signed."""
        headers = {n: v for n, v in request.headers.items() if n.lower() not in ("authorization", "x-amz-date")}
        made = AWSRequest(request.method, f"http://{headers['Host']}{request.path}", headers, request.body)
        S3SigV4Auth(Credentials(self.place.access_key, self.place.secret_key), "s3", "us-east-1").add_auth(made)
        return request._replace(headers=dict(made.headers.items()))

    def key_of(self, path: str) -> str:
        found = unquote(urlsplit(path).path).removeprefix(f"/{self.place.bucket}").removeprefix("/")
        return found.removeprefix(self.place.prefix)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heal()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _make_handler(proxy: StoreProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_expect_100(self) -> bool:
            self.send_response_only(100)
            self.end_headers()
            return True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = dict(self.headers.items())
            answer = proxy.answer(Request(self.command, self.path, proxy.key_of(self.path), headers, body))
            if answer is None:
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.lower() not in (*_HOP_BY_HOP, "content-length"):
                    self.send_header(name, value)
            length = next((v for n, v in answer.headers if n.lower() == "content-length"), str(len(answer.body)))
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: answer.cut])
            self.close_connection = answer.cut is not None or self.close_connection

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing: the drills count what they did."""

    return Handler
