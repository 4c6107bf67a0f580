"""The judge of a drill: what the newspapers sent, compared with what the bucket has and what commands print.

It knows the bucket by docs/format.md alone and shares no code with the archive's readers, which it is there to doubt.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.drills.evidence import Evidence, Record


class Sent(NamedTuple):
    """One response that a newspaper sent; ``text`` is what its article says, None where it is no article."""

    url: str
    status: int
    body: bytes
    text: str | None


class Printed(NamedTuple):
    """What a command printed of the capture of *url* at *date*, and how it ended."""

    url: str
    date: str
    status: int
    output: str
    error: str


@dataclass
class Verdict:
    """What the judge found; each list has a line for a person to look at."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged responses that are in no whole record of a WARC file that counts."""
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What is there, or was printed, and is not what the newspaper sent."""
    textless: list[str] = field(default_factory=list)
    """Captured articles without their text, in the documents or in the tables."""
    damaged: set[str] = field(default_factory=set)

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.twice, *self.wrong, *self.textless, *sorted(self.damaged)]


DANGLES = "leads to no capture that counts"


class Judge:
    """Judges one bucket by what was *sent*, by nonce.

    *unsure*: the nonces of responses that were not acknowledged when a process was killed, or whose only copy the drill
    itself destroyed. They may be there or not.
    """

    def __init__(self, evidence: Evidence, sent: Mapping[str, Sent], unsure: Collection[str] = ()) -> None:
        self._evidence = evidence
        self._sent = sent
        self._unsure = set(unsure)
        self._records = [record for record in evidence.records() if record.nonce]
        self._by_id = {record.record_id: record for record in self._records}
        self._same: dict[tuple[str, str, bytes], list[Record]] = defaultdict(list)
        """Records of one page: what two tries of a crawl both fetched has one text."""
        for record in self._records:
            self._same[_page_of(record)].append(record)

    def judge(self) -> Verdict:
        verdict = Verdict(acknowledged=len(self._sent.keys() - self._unsure))
        self._judge_records(verdict)
        documents = list(self._evidence.rows("document/"))
        for row in documents:
            verdict.wrong += self._judge_document(row, "document")
        self._judge_tables(verdict)
        self._judge_ledgers(verdict)
        texts = {row["derived_from"] for row in documents}
        tabled = {row.get("derived_from") for row in self._evidence.table("documents")}
        for record in self._articles():
            same = {one.record_id for one in self._same[_page_of(record)]}
            if not same & texts & tabled and record.record_id not in self._unsure:
                where = "documents" if not same & texts else "tables"
                verdict.textless.append(f"{record.url} at {record.date}: no text in the {where}")
        self._evidence.hold_to_promises()
        verdict.damaged = self._evidence.damaged
        return verdict

    def judge_printed(self, printed: Printed) -> str | None:
        """Return what is wrong with a text that a command printed, or with its saying that there is none."""
        here = f"{printed.url} at {printed.date}"
        held = [r for r in self._records if (r.url, r.date) == (printed.url, printed.date)]
        texts = {self._sent[record.nonce].text for record in held if record.nonce in self._sent}
        if printed.status == 0:
            return None if printed.output in texts else f"{here}: printed is not what was sent: {printed.output[:80]!r}"
        if "Traceback" in printed.error:
            return f"{here}: crashed: {printed.error.strip().splitlines()[-1]}"
        said = printed.error.lower()
        if held and "not in the archive" in said and "rebuild" not in said:
            return f"{here}: is there, and was denied: {printed.error.strip()}"
        return None if printed.error.strip() else f"{here}: ended with {printed.status} without a word"

    def judge_listed(self, url: str, listed: list[tuple[str, int]], error: str) -> list[str]:
        """Return what is wrong with the captures of *url* that a command lists, by date and status.

        One whose only copy the drill destroyed may be listed: it was made, and reading it says what became of it.
        """
        held = {(record.date, record.status) for record in self._records if record.url == url}
        gone = {sent.status for nonce, sent in self._sent.items() if nonce in self._unsure and sent.url == url}
        wrong = [
            f"{url} at {date} ({status}): is listed and not there"
            for date, status in set(listed) - held
            if status not in gone
        ]
        if held - set(listed) and "rebuild" not in error:
            wrong += [f"{url} at {date} ({status}): is there, and not listed" for date, status in held - set(listed)]
        return wrong

    def captures(self) -> list[Record]:
        return list(self._records)

    def _articles(self) -> Iterator[Record]:
        """Yield the captures of articles that are new: a revisit has the text of the capture it refers to."""
        for record in self._records:
            sent = self._sent.get(record.nonce)
            if sent and sent.text and record.status == 200 and not record.refers_to:
                yield record

    def _judge_records(self, verdict: Verdict) -> None:
        times = Counter(record.nonce for record in self._records)
        verdict.twice += [f"{nonce}: in {number} records" for nonce, number in times.items() if number > 1]
        for nonce in self._sent.keys() - self._unsure - times.keys():
            sent = self._sent[nonce]
            verdict.lost.append(f"{sent.url} ({sent.status}, {nonce}): in no record that counts")
        for record in self._records:
            sent_then = self._sent.get(record.nonce)
            if sent_then is None:
                verdict.wrong.append(f"{record.key}: {record.record_id}: nobody sent that")
            elif (record.url, record.status) != (sent_then.url, sent_then.status):
                verdict.wrong.append(f"{record.key}: {record.record_id}: says {record.url}, sent was {sent_then.url}")
            elif record.body != sent_then.body and not record.refers_to:
                verdict.wrong.append(f"{record.key}: {record.record_id}: another body than was sent")

    def _judge_document(self, row: dict[str, Any], what: str) -> list[str]:
        here = f"{what} of {row['url']}"
        capture, payload = self._by_id.get(row["derived_from"]), self._by_id.get(row["payload_record"])
        if capture is None or payload is None:
            known = row["derived_from"] in self._unsure or row["payload_record"] in self._unsure
            return [] if known else [f"{here}: {DANGLES}"]
        sent = self._sent.get(capture.nonce)
        text = "" if sent is None or row.get("without_text") else sent.text  # of a page that was cut, nothing
        if sent is None or (row["url"], row["text"]) != (sent.url, text):
            return [f"{here}: is not what was sent: {row['text'][:80]!r}"]
        if row["text_digest"] != "sha256:" + hashlib.sha256(row["text"].encode()).hexdigest():
            return [f"{here}: has another digest than its text"]
        return []

    def _judge_tables(self, verdict: Verdict) -> None:
        rows = list(self._evidence.table("documents"))
        if any("derived_from" not in row for row in rows):
            verdict.wrong.append("the table of documents has other rows than documents")
            rows = []
        for row in rows:
            verdict.wrong += self._judge_document(row, "table's document")
        times = Counter(row["derived_from"] for row in rows)
        verdict.twice += [f"{record_id}: in {n} rows of the table" for record_id, n in times.items() if n > 1]

    def _judge_ledgers(self, verdict: Verdict) -> None:
        for what, rows in (
            ("ledger", self._evidence.rows("ledger/")),
            ("table's ledger", self._evidence.table("ledger")),
        ):
            for row in rows:
                record = self._by_id.get(row["record_id"] or "")
                if record and (record.url, record.status) != (row["url"], row["status"]):
                    verdict.wrong.append(f"{what} of {row['url']}: leads to {record.url}")
                if row["record_id"] and record is None and row["record_id"] not in self._unsure:
                    verdict.wrong.append(f"{what} of {row['url']}: {DANGLES}")


def _page_of(record: Record) -> tuple[str, str, bytes]:
    """Return the crawl, address and body of *record*; the name of a WARC file is ``{crawl}-{attempt}-{serial}``."""
    return record.key.rsplit("-", 2)[0], record.url, record.body
