"""What is known about an attached file, in words: for its card, its tooltip and a screen reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.chat.plan import first_pages
from app.chat.timed import has_transcript
from app.i18n import number, tr, tr_n, translated
from app.ingest.types import Document, ReadProgress
from app.session.items import Item, ItemState, picture_tokens
from app.text.number_lists import numbers_in_words
from app.text.sizes import size
from app.text.times import clock
from model.types import DocumentReport


def residence(report: DocumentReport) -> str:
    """Where a document is cached, as a translated label."""
    match report.state:
        case "resident":
            return tr("In memory")
        case "disk":
            return tr("On disk")
        case _:
            return tr("Unread")


def kind_name(document: Document) -> str:
    """The kind of a document, as a translated label."""
    return translated(document.file_kind.title)


def summary(item: Item) -> str:
    """One line under the item's name."""
    if item.state is ItemState.FAILED:
        return tr("Could not be read")
    if item.state is ItemState.READING or item.document is None:
        return _reading_summary(item.progress)
    facts = [*_document_facts(first_pages(item.document, item.max_pages)), sound_words(item.document, item.hears)]
    return " · ".join(fact for fact in facts if fact)


def sound_words(document: Document, hears: bool | None) -> str:
    """What becomes of a file's sound; empty where it has none, or no model is open. ``hears``: the open model does."""
    if has_transcript(document):
        return tr("with transcript")
    if not document.sound or hears is None:
        return ""
    return tr("sound heard") if hears else tr("not heard: this model does not hear")


def _reading_summary(progress: ReadProgress | None) -> str:
    if progress is None:
        return tr("Waiting to be read…")
    if progress.total <= 0:
        return tr("Opening…")
    done, total = number(min(progress.done + 1, progress.total)), number(progress.total)
    if progress.unit == "page":
        return tr("Reading page {number} of {total}", number=done, total=total)
    if progress.unit == "second":
        return tr("Listening: {done} of {total}", done=clock(progress.done), total=clock(progress.total))
    return tr("Reading frame {number} of {total}", number=done, total=total)


def _document_facts(document: Document) -> list[str]:
    kind = document.file_kind
    facts = [kind_name(document)]
    if kind.paged:
        facts.append(tr_n("{n} page", "{n} pages", len(document.pages)))
    if kind.timed:
        if document.frames:
            facts.append(tr_n("{n} frame", "{n} frames", len(document.frames)))
        if document.duration_s:
            facts.append(clock(document.duration_s))
    tokens = sum(picture_tokens(document))
    if tokens:
        facts.append(tr_n("{n} picture token", "{n} picture tokens", tokens))
    elif kind.paged:
        facts.append(tr("as text"))
    return facts


def changed_words(item: Item) -> str:
    """A notice about a file that was changed behind the conversation's back."""
    return tr(
        "{name} has changed since it was attached; earlier answers are based on the older version.", name=item.name
    )


def remark(item: Item) -> str:
    """What a user should know before trusting an answer: what was left out of the file."""
    if item.document is None:
        return ""
    if item.altered:
        return changed_words(item)
    if item.stale:
        return tr("It has changed on disk since it was read; choose “Read again” in its menu.")
    document = first_pages(item.document, item.max_pages)
    pages = sum(page.state == "skipped" for page in document.pages)
    others = len(document.skipped)
    words = [tr_n("{n} page left out", "{n} pages left out", pages)] if pages else doubts_about(document)
    if words:
        found = "; ".join(words)
        return found[0].upper() + found[1:]
    return tr_n("{n} note about this file", "{n} notes about this file", others) if others else ""


def doubts_about(document: Document) -> list[str]:
    """The pages whose pictures were hard to read, and those where that failed."""
    hard, cut, failed = document.hard_pages, document.cut_pictures, document.unread_pictures
    if not document.file_kind.paged:
        words = [tr("it was hard to read")] if hard else []
        words += [tr("only a part of its text was read")] if cut or document.screen == "part" else []
        gone = failed or document.screen == "failed"
        return [*words, tr("its text could not be read; “Read again” tries once more")] if gone else words
    words = [hard_words(hard)] if hard else []
    words += [cut_words(cut)] if cut else []
    if failed:
        words.append(
            tr_n(
                "the picture of page {pages} could not be read; “Read again” tries once more",
                "the pictures of pages {pages} could not be read; “Read again” tries once more",
                len(failed),
                pages=numbers_in_words(failed),
            )
        )
    return words


def hard_words(numbers: Sequence[int]) -> str:
    """The pages that were hard to read, named."""
    pages = numbers_in_words(numbers)
    return tr_n("page {pages} was hard to read", "pages {pages} were hard to read", len(numbers), pages=pages)


def cut_words(numbers: Sequence[int]) -> str:
    """The pages of whose pictures only a part was read, named."""
    pages = numbers_in_words(numbers)
    return tr_n(
        "only a part of the picture of page {pages} was read",
        "only a part of the pictures of pages {pages} was read",
        len(numbers),
        pages=pages,
    )


def details(item: Item) -> str:
    """Everything about the item, for its tooltip."""
    lines = [item.name, str(item.path), summary(item)]
    if item.origin is not None and item.origin.page is None and item.origin.time_s is None and item.origin.name:
        lines.append(tr("Attached to {name}", name=item.origin.name))
    if item.error:
        lines.append(translated(item.error))
    if item.altered:
        lines.append(changed_words(item))
    lines += residence_details(item)
    if item.document is not None:
        document = first_pages(item.document, item.max_pages)
        lines += _page_states(document) + doubts_about(document)
        lines += [f"{translated(skipped.where)}: {translated(skipped.why)}" for skipped in document.skipped[:12]]
    return "\n".join(lines)


def _page_states(document: Document) -> list[str]:
    number: Counter[str] = Counter(page.state for page in document.pages)
    lines = {
        "text": tr_n("{n} page as text", "{n} pages as text", number["text"]),
        "image": tr_n("{n} page as picture", "{n} pages as picture", number["image"]),
        "both": tr_n("{n} page as text and picture", "{n} pages as text and picture", number["both"]),
        "skipped": tr_n("{n} page left out", "{n} pages left out", number["skipped"]),
    }
    return [line for state, line in lines.items() if number[state]]


def badge(item: Item) -> str:
    """Where what was read of the file is now, in a word or two; empty while nobody knows."""
    if item.report is None:
        return ""
    word = residence(item.report)
    if not item.pinned:
        return word
    return tr("Pinned") if item.report.state == "resident" else tr("{place} · pinned", place=word)


def tokens(item: Item) -> str:
    """The file's share of the context."""
    return tr_n("{n} token", "{n} tokens", item.report.tokens) if item.report is not None else ""


def standing(item: Item) -> str:
    """What the file takes, and what is being prepared of it."""
    coming = ""
    if item.preparing:
        coming = tr_n("preparing {n} picture", "preparing {n} pictures", item.preparing)
    return " · ".join(words for words in (tokens(item), coming) if words)


def residence_details(item: Item) -> list[str]:
    """Tokens and bytes, for the tooltip and for a screen reader."""
    report = item.report
    if report is None:
        return []
    place = tr("{place}, pinned", place=residence(report)) if item.pinned else residence(report)
    lines = [tr("{place}: {tokens} of the context", place=place, tokens=tokens(item))]
    if report.ram_bytes:
        lines.append(tr("{size} in memory", size=size(report.ram_bytes)))
    if report.disk_bytes:
        lines.append(tr("{size} on disk", size=size(report.disk_bytes)))
    if report.state == "unread":
        lines.append(tr("The model reads it with the next question"))
    return lines
