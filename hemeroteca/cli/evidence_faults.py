"""What ``doctor`` and ``rebuild`` say of evidence that is gone or damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hemeroteca.archive.bucket_check import BucketCheck

_PUT_BACK = "put them back from a copy of the bucket, byte for byte"


class EvidenceFault(NamedTuple):
    """What is wrong with one *part* of the bucket, and what to do."""

    part: str
    found: str
    fix: str


def find_evidence_faults(check: BucketCheck) -> list[EvidenceFault]:
    faults = []
    if check.missing.total:
        found = f"{check.missing.total:,} of {check.objects:,} are gone or of another size: {check.missing}"
        faults.append(EvidenceFault("objects", found, _PUT_BACK))
    if check.damaged.total:
        found = f"{check.damaged.total:,} of {check.manifests:,} are damaged, or objects of theirs: {check.damaged}"
        faults.append(EvidenceFault("manifests", found, _PUT_BACK))
    if check.uncommitted.total:
        found = f"{check.uncommitted.total:,} objects are of crawls that have no manifest: {check.uncommitted}"
        fix = "put the manifests back from a copy of the bucket; with none, these crawls were never committed"
        faults.append(EvidenceFault("commits", found, fix))
    return faults
