"""The contact address: without one, only loopback hosts are crawled, because publishers must be able to reach us."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from spiders.job import CrawlTask, Job
from spiders.policy.scope import is_web
from spiders.wire.addresses import is_loopback
from spiders.wire.connect_rules import find_target, read_connect_to
from storage.model.errors import SeedError


def require_contact(job: Job) -> None:
    """Raise SeedError when *job* has no contact and crawls any host but this machine."""
    if job.contact.strip():
        return
    for host in _foreign_hosts(job):
        raise SeedError(f"HEMEROTECA_CONTACT: set it to an address where publishers can reach you, to crawl {host}")


def is_within_contact(job: Job, task: CrawlTask, url: str) -> bool:
    """Say whether *url* may be asked for: this machine's may be without a contact."""
    try:
        require_contact(job.replace(tasks=(task.replace(urls=(url,)),)))
    except SeedError:
        return False
    return True


def _foreign_hosts(job: Job) -> Iterator[str]:
    rules = read_connect_to(job.connect_to)
    for task in job.tasks:
        urls = [task.source.homepage, *(discovery.url for discovery in task.source.discoveries), *task.urls]
        found = {urlsplit(url).hostname or "" for url in urls if is_web(url)} | set(task.source.hosts)
        for host in sorted(found):
            ports = {80, 443, *(urlsplit(url).port or 80 for url in urls)} if task.source.allow_private else ()
            targets = [host, *(find_target(rules, host.strip("[]"), port)[0] for port in ports)]
            if not any(is_loopback(target.strip("[]")) for target in targets):
                yield host
