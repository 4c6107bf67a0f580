"""What a bad store or network does to one request; each is a fault of ``store_proxy``."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess

from tests.drills.evidence import open_client
from tests.drills.store_proxy import Answer, Fault, Forward, Request, StoreProxy

LATE_SECONDS = 1.0


def lose_answer(request: Request, forward: Forward) -> None:
    """The store does what it was asked, and its answer is lost."""
    forward(request)


def lose_request(request: Request, forward: Forward) -> None:
    """The request never arrives."""


def double(request: Request, forward: Forward) -> Answer:
    """The request arrives twice, and the client gets the second answer."""
    forward(request)
    return forward(request)


def tear(request: Request, forward: Forward) -> Answer:
    """The answer ends in the middle of its body."""
    answer = forward(request)
    return answer._replace(cut=len(answer.body) // 2)


def come_late(proxy: StoreProxy) -> Fault:
    """The client is hung up on; what it asked for happens after it has tried again."""

    def late(request: Request, forward: Forward) -> None:
        proxy.forward_late(request, LATE_SECONDS)

    return late


def refuse(status: int, code: str) -> Fault:
    """The store says no, and does nothing."""

    def refused(request: Request, forward: Forward) -> Answer:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>drill</Message></Error>".encode()
        return Answer(status, [("Content-Type", "application/xml")], body if request.method != "HEAD" else b"")

    refused.__name__ = f"refused_{status}"
    return refused


def die(process: subprocess.Popen[bytes], at_request: int, answered: bool) -> Fault:
    """``kill -9`` *process*, and what it started, at a request: before the store has it, or once it was answered."""
    numbers = itertools.count(1)

    def killed(request: Request, forward: Forward) -> Answer | None:
        number = next(numbers)
        answer = forward(request) if number < at_request or (answered and number == at_request) else None
        if number == at_request:
            os.killpg(process.pid, signal.SIGKILL)
        return answer if number < at_request else None

    return killed


def flip(seed: int, tail_bytes: int = 0) -> Fault:
    """One bit of the body is another on its way here, of the last *tail_bytes* alone where that is given."""
    chance = random.Random(seed)

    def flipped(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if answer.status not in (200, 206) or not answer.body:
            return answer
        body = bytearray(answer.body)
        first = max(0, len(body) - tail_bytes) if tail_bytes else 0
        body[chance.randrange(first, len(body))] ^= 1 << chance.randrange(8)
        return answer._replace(body=bytes(body), headers=_without_checksums(answer))

    return flipped


def keep_half(proxy: StoreProxy) -> Fault:
    """The store says that it has the object, with the digest that was sent, and keeps the first half of it."""

    def torn(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if answer.status == 200:
            client, place = open_client(proxy.place), proxy.place
            key = place.prefix + request.key
            found = client.get_object(Bucket=place.bucket, Key=key)
            content = found["Body"].read()
            half = content[: len(content) // 2]
            client.put_object(Bucket=place.bucket, Key=key, Body=half, Metadata=found["Metadata"])
        return answer

    return torn


def overwrite(proxy: StoreProxy) -> Fault:
    """The store knows no If-None-Match: whoever puts last wins."""

    def overwritten(request: Request, forward: Forward) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "if-none-match"}
        return forward(proxy.sign(request._replace(headers=headers)))

    return overwritten


def _without_checksums(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers without what would tell the client library: many stores send no checksum."""
    return [(name, value) for name, value in answer.headers if not name.lower().startswith("x-amz-checksum")]
