"""Evidence: every quotation and every page or time that an answer names is looked up in the files themselves.

The model is asked to quote and to name where; here the application checks it by its own means. What cannot be found is
openly marked as unverified. Nothing here asks a model, and nothing is accepted that is not in the file.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import replace

from app.chat.evidence import said
from app.chat.evidence.marks import MOST
from app.chat.evidence.named_places import named_files
from app.chat.evidence.pages import (
    NOTHING_QUOTED,
    named_place,
    page_of,
    page_place,
    pages_of,
    place_of,
    second_place,
    why_found,
    why_pictured,
)
from app.chat.evidence.places import Checked, Evidence, Place
from app.chat.evidence.quotes import Cited, Claim, claims
from app.chat.evidence.scanned import (
    AgainReader,
    ReadAgain,
    from_picture,
    hard_to_read,
    not_read,
    readings,
    why_scanned,
)
from app.chat.evidence.searching.fold import spell
from app.chat.evidence.searching.index import index_of
from app.chat.evidence.searching.search import search
from app.chat.evidence.searching.stream import Match
from app.chat.evidence.videos import end_of, reaches, videos_for, was_shown
from app.ingest.types import Document, Page
from app.text.times import mm_ss
from model.messages import Message, joined, msg

__all__ = ["check", "prepare"]

_NOWHERE = msg("evidence.not-found", "This quotation was not found in the attached files.")

_ALTERED = 6
"""Letters from which on a quotation whose letters are on the page, and whose digits are not, is an altered one."""


def prepare(document: Document) -> None:
    """Make the document searchable ahead of the first answer; any thread may do it."""
    index_of(document)


def check(
    answer: str, documents: Sequence[Document], question: str = "", read: ReadAgain | None = None
) -> tuple[Evidence, ...]:
    """What became of each quotation and citation of ``answer``, in order. A place that is named again counts once.

    ``question`` is what the answer answers: a video named in it is the one that a time without a name means. ``read``
    reads a number on a picture again, where a quotation rests on one that was hard to read.
    """
    again = AgainReader(read)
    named = {name.document for name in named_files(question, documents)}
    asked = {number for number in named if number is not None}
    found: list[Evidence] = []
    places: dict[Hashable, int] = {}
    for claim in claims(answer, documents)[: 2 * MOST]:
        evidence = _Lookup(claim, documents, asked, again).evidence()
        if evidence is None:
            continue
        key = _named(claim, evidence)
        if key is not None and key in places:
            found[places[key]] = _again(answer, found[places[key]], evidence)
            continue
        if key is not None:
            places[key] = len(found)
        found.append(evidence)
    return tuple(found)


def _named(claim: Claim, evidence: Evidence) -> Hashable | None:
    """The same for two claims that only name the same place; ``None`` for a quotation."""
    if claim.quote:
        return None
    pages_and_times = tuple((cited.pages, cited.time_s) for cited in claim.cited)
    return evidence.state, evidence.place, evidence.reason, evidence.choices, pages_and_times


def _again(answer: str, first: Evidence, second: Evidence) -> Evidence:
    """The first mention of a place with one more; the same place twice in a row is one mention: ``00:12 [00:12]``."""
    *earlier, last = (first.start, first.end), *first.also
    apart = any(character.isalnum() or character == "\n" for character in answer[last[1] : second.start])
    spans = [*earlier, last, (second.start, second.end)] if apart else [*earlier, (last[0], second.end)]
    return replace(first, start=spans[0][0], end=spans[0][1], also=tuple(spans[1:]))


class _Lookup:
    """One claim and the files."""

    def __init__(self, claim: Claim, documents: Sequence[Document], asked: Collection[int], again: AgainReader) -> None:
        self._claim, self._documents, self._asked, self._again = claim, documents, asked, again
        self._quote = spell(claim.quote)

    def evidence(self) -> Evidence | None:
        """What to show for the claim; ``None`` where it claims nothing."""
        if not self._claim.quote:
            return self._place_only()
        if not self._quote.key:
            return None
        if not self._claim.cited:
            return self._uncited()
        for look in (self._on_cited_pages, self._in_cited_files, self._anywhere, self._on_picture):
            found = look()
            if found is not None:
                return found
        return self._not_found()

    def _made(self, state: Checked, place: Place | None, reason: Message) -> Evidence:
        claim = self._claim
        return Evidence(claim.start, claim.end, claim.quote, state, place, reason)

    def _found(self, document: Document, match: Match, pages: Sequence[int] = ()) -> Evidence:
        if document.file_kind.timed:
            place = said.place_of(document, match)
            return self._made(said.rank(document, match), place, said.why_said(document, match))
        place = place_of(document, match, pages)
        if not from_picture(document, match):
            return self._made("found", place, why_found(document, match, pages))
        read = readings(document, match)
        reason = why_scanned(document, page_of(document, match, pages), read)
        made = replace(self._made("scanned", place, reason), readings=read)
        return self._again.look(made, document, match)

    def _on_cited_pages(self) -> Evidence | None:
        for number, cited in self._candidates():
            document = self._documents[number]
            pages = [page - 1 for page in cited.pages if 1 <= page <= len(document.pages)]
            if not cited.pages and cited.time_s is None:
                match = search(document, self._quote, self._claim.quote)
                if match is not None:
                    return self._found(document, match)
            elif cited.time_s is not None and (cues := said.near(document, cited.time_s)):
                match = search(document, self._quote, self._claim.quote, cues)
                if match is not None:
                    return self._found(document, match)
            elif pages:
                match = search(document, self._quote, self._claim.quote, pages)
                if match is not None:
                    return self._found(document, match, pages)
        return None

    def _in_cited_files(self) -> Evidence | None:
        for number in dict.fromkeys(number for number, _ in self._candidates()):
            match = search(self._documents[number], self._quote, self._claim.quote)
            if match is not None:
                return self._not_where_said(self._documents[number], match)
        return None

    def _anywhere(self) -> Evidence | None:
        for document in self._documents:
            match = search(document, self._quote, self._claim.quote)
            if match is not None:
                return self._not_where_said(document, match)
        return None

    def _not_where_said(self, document: Document, match: Match) -> Evidence:
        if not self._claim.sure:  # the source may belong to another statement
            return self._found(document, match)
        if document.file_kind.timed:
            return self._made("elsewhere", said.place_of(document, match), said.why_elsewhere(document, match))
        reason = msg(
            "evidence.elsewhere",
            "Found on page {page} of {name}, not where the answer cites it.",
            page=str(page_of(document, match).number),
            name=document.name,
        )
        if from_picture(document, match):
            compare = msg(
                "evidence.compare-picture", "The text there was read from a picture; compare it with the picture."
            )
            reason = joined(reason, compare)
        made = self._made("elsewhere", place_of(document, match), reason)
        return self._again.look(replace(made, readings=readings(document, match)), document, match)

    def _on_picture(self) -> Evidence | None:
        """The place is a picture, which the application cannot read: it can only be shown."""
        for number, cited in self._candidates():
            document = self._documents[number]
            if document.file_kind.timed and (cited.time_s is not None or not cited.pages):
                return self._at_second(document, cited)
            for page in pages_of(document, cited):
                if self._may_be_pictured(page):
                    return self._made("seen", page_place(document, page), why_pictured(document, page))
        return None

    def _at_second(self, document: Document, cited: Cited) -> Evidence | None:
        """What is on a frame, or is said where there is no transcript, can only be shown."""
        if cited.time_s is None or said.is_altered(document, self._claim.quote, cited.time_s):
            return None
        return self._at_time(cited, cited.time_s) if document.frames or not document.cues else None

    def _may_be_pictured(self, page: Page) -> bool:
        """Whether the words may be in the page's picture only. Words of its text with other digits or signs are not."""
        if page.picture is None or page.state == "text":
            return False
        if page.state == "image" and not page.from_picture:
            return True
        letters = _letters(self._quote.key)
        altered = _ALTERED <= len(letters) < len(self._quote.key) and letters in _letters(spell(page.text).key)
        doubtful = hard_to_read(page) or page.recognition == "part" if page.from_picture else page.beyond_text
        return doubtful and not altered

    def _not_found(self) -> Evidence:
        for number, cited in self._candidates():
            document = self._documents[number]
            place, reason = named_place(document, cited)
            if place is None and cited.pages:
                return self._made("unverified", None, reason)
            for page in pages_of(document, cited):
                if page.all_from_picture:
                    return self._made("unverified", place, not_read(document, page))
                if page.state == "both":
                    reason = msg(
                        "evidence.not-in-text",
                        "Not in the text of page {page}. Pictures on it are not searched.",
                        page=str(page.number),
                    )
                    return self._made("unverified", place, reason)
            reason = msg("evidence.not-in-file", "This quotation was not found in {name}.", name=document.name)
            return self._made("unverified", place, reason)
        return self._made("unverified", None, _NOWHERE)

    def _uncited(self) -> Evidence | None:
        """Quotation marks without a source may only set off a term: such are left alone unless they are found."""
        words = len(self._claim.quote.split())
        telling = words >= 2 or any(character.isdigit() for character in self._quote.key) or len(self._quote.key) > 20
        for document in self._documents if telling else ():
            match = search(document, self._quote, self._claim.quote)
            if match is not None:
                return self._found(document, match)
        if self._documents and (words >= 4 or len(self._quote.key) > 30):
            return self._made("unverified", None, _NOWHERE)
        return None

    def _place_only(self) -> Evidence | None:
        """A page or a time is named and nothing quoted: the place is shown, if there is such a place."""
        candidates = list(self._candidates())
        if not candidates:
            foreign = any(cited.foreign for cited in self._claim.cited)
            reason = msg("evidence.no-such-file", "No attached file has this name.")
            return self._made("unverified", None, reason) if foreign else None
        number, cited = candidates[0]
        if cited.time_s is not None:
            return self._at_time(cited, cited.time_s)
        if cited.document is None and cited.nearby is None and len(candidates) > 1:
            return None  # several files have such a page
        document = self._documents[number]
        if not cited.pages and (len(document.pages) != 1 or document.file_kind.timed):
            return None
        place, reason = named_place(document, cited)
        return self._made("unverified" if place is None else "seen", place, reason)

    def _at_time(self, cited: Cited, time_s: float) -> Evidence | None:
        """A second of a video; where it can be in several, each is a choice."""
        if cited.document is not None and not self._documents[cited.document].file_kind.timed:
            return None
        videos = [self._documents[number] for number in videos_for(cited, self._documents, self._asked)]
        if len(videos) == 1:
            return self._second(videos[0], time_s)
        if not videos:
            reason = msg(
                "evidence.no-video-so-long", "None of the attached videos is as long as {time}.", time=mm_ss(time_s)
            )
            return self._made("unverified", None, reason)
        names = ", ".join(document.name for document in videos)
        reason = msg(
            "evidence.several-videos",
            "{time} could be in any of these videos: {names}.",
            time=mm_ss(time_s),
            names=names,
        )
        choices = tuple(second_place(document, time_s) for document in videos)
        return replace(self._made("seen", None, reason), choices=choices)

    def _second(self, document: Document, time_s: float) -> Evidence:
        place = second_place(document, time_s)
        if not reaches(document, time_s):
            reason = msg(
                "evidence.video-ends", "{name} ends at {end}.", name=document.name, end=mm_ss(end_of(document))
            )
            return self._made("unverified", None, reason)
        if said.near(document, time_s) or not document.frames:
            reason = NOTHING_QUOTED
            if self._claim.quote and not document.cues:
                reason = msg(
                    "evidence.no-transcript",
                    "{name} has no transcript; please listen to that place yourself.",
                    name=document.name,
                )
            elif self._claim.quote:
                reason = msg(
                    "evidence.not-in-words", "Not found in the transcript of this place; please check it yourself."
                )
            return self._made("seen", place, reason)
        if not was_shown(document, time_s):
            reason = msg("evidence.no-frame", "No frame near {time} was shown to the model.", time=mm_ss(time_s))
            return self._made("unverified", place, reason)
        reason = msg(
            "evidence.frame",
            "A frame near {time} was shown to the model; please check it yourself.",
            time=mm_ss(time_s),
        )
        return self._made("seen", place, reason)

    def _candidates(self) -> Iterator[tuple[int, Cited]]:
        """Each file that a citation may mean, with the citation; the likeliest first."""
        for cited in self._claim.cited:
            if cited.document is not None:
                yield cited.document, cited
            elif not cited.foreign:
                order = sorted(range(len(self._documents)), key=lambda number: number != cited.nearby)
                for number in order:
                    document = self._documents[number]
                    fits = document.file_kind.timed == (cited.time_s is not None)
                    if fits and (not cited.pages or min(cited.pages) <= len(document.pages)):
                        yield number, cited


def _letters(key: str) -> str:
    return "".join(character for character in key if character.isalpha())
