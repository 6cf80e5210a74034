"""Answers, evidence, costs and documents as plain data: for ``--json``, and for programs that use the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.chat.documents import document_parts
from app.chat.evidence.places import Evidence, Place
from app.chat.scan_costs import scan_costs
from app.ingest.types import Document
from model.types import PicturePart, Preflight, SoundPart, TextPart


def evidence_objects(found: Sequence[Evidence], documents: Sequence[Document]) -> list[dict[str, Any]]:
    """One object for each quotation or citation, in the answer's order."""
    return [_object(evidence, documents) for evidence in found]


def _object(evidence: Evidence, documents: Sequence[Document]) -> dict[str, Any]:
    place = evidence.place
    return {
        "quote": evidence.quote,
        "state": evidence.state,
        "document": document_name(place, documents),
        "page": place.page if place else None,
        "spot": place.spot if place else "",
        "time": place.time_s if place else None,
        "boxes": [[round(number, 2) for number in box] for box in place.boxes] if place else [],
        "reason": str(evidence.reason),
        "readings": list(evidence.readings),
        "choices": [{"document": document_name(one, documents), "time": one.time_s} for one in evidence.choices],
    }


def document_name(place: Place | None, documents: Sequence[Document]) -> str | None:
    """The name of the document that a place is in."""
    if place is None:
        return None
    return next((document.name for document in documents if document.content_hash == place.document), None)


def document_objects(costs: Preflight | None, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Where each file was before the question."""
    reports = {report.key: report for report in costs.documents} if costs is not None else {}
    found = []
    for document in documents:
        report = reports.get(document.content_hash)
        about: dict[str, Any] = {"file": str(document.path), "tokens": None, "state": "unread"}
        about |= {"ram_bytes": 0, "disk_bytes": 0}
        if report is not None:
            about |= {"tokens": report.tokens, "state": report.state}
            about |= {"ram_bytes": report.ram_bytes, "disk_bytes": report.disk_bytes}
        found.append(about)
    return found


def cost_object(costs: Preflight, documents: Sequence[Document]) -> dict[str, Any]:
    """What a question costs."""
    return {
        "prompt_tokens": costs.prompt_tokens,
        "reused_tokens": costs.reused_tokens,
        "context_tokens": costs.context_tokens,
        "cache_bytes": costs.cache_bytes,
        "seconds": None if costs.seconds is None else round(costs.seconds, 3),
        "scans": None if (scans := scan_costs(tuple(documents), costs)) is None else asdict(scans),
    }


def model_text(number: int, document: Document) -> str:
    """What a model is given of the ``number``-th file, with a word in the place of each picture."""
    pieces = []
    for part in document_parts(number, document):
        match part:
            case TextPart(text):
                pieces.append(text)
            case PicturePart(picture):
                size = f"{picture.width:,} × {picture.height:,} px, {picture.soft_tokens:,} picture tokens"
                pieces.append(f"[picture, {size}]")
            case SoundPart(sound):
                pieces.append(f"[sound, {sound.seconds:.1f} s]")
    return "".join(pieces).strip("\n") + "\n"
