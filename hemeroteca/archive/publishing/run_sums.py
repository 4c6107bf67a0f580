"""The sums of a run in one line, as Airflow's page and `hemeroteca up` show them."""

from __future__ import annotations

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef, read_outline
from storage.model.outcome import STATES


def sum_up(archive: Archive, run: RunRef) -> str:
    """Return what *run* brought, and the command that says what it did not. Raises SeedError when it has no plan."""
    plan = read_outline(archive, run)
    wanted = set(plan.crawl_ids())
    crawls = [one for one in archive.catalog.find_crawls(plan.night) if one.crawl_id in wanted]
    if not crawls:
        return "no newspaper was crawled"
    counts = {state: sum(c.urls for crawl in crawls for c in crawl.counts if c.state == state) for state in STATES}
    states = ", ".join(f"{number:,} {state.replace('_', ' ')}" for state, number in counts.items() if number)
    newspapers = len({crawl.source_id for crawl in crawls})
    documents = sum(crawl.documents or 0 for crawl in crawls)
    command = f"hemeroteca{' --demo' if archive.settings.demo else ''} failures --night {plan.night}"
    return (
        f"{newspapers:,} newspaper{'' if newspapers == 1 else 's'}, {sum(counts.values()):,} addresses found: {states};"
        f" {documents:,} documents. Not captured, and why: `{command}`"
    )
