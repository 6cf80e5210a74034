"""The right page is among the chosen ones, in document order, with its neighbours; the rest is openly left out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from app.chat.documents import document_parts
from app.chat.parts import Reply, go_through
from app.chat.relevance.choosing import NOT_RELEVANT, choose, only, rests_on
from app.chat.relevance.ranking import Ranking, terms
from app.chat.relevance.words import Deadline, FurtherWords, too_slow
from app.ingest.types import Document, Page
from model.cancel import Cancel
from model.messages import NOTHING
from model.types import Event, Finished, Request, TextDelta, TextPart, Timings, Usage
from tests.bench.reading.bench_relevance import WAYS, trials


def document(name: str, *texts: str) -> Document:
    pages = tuple(Page(n, 595, 842, text, (), None, "text", NOTHING) for n, text in enumerate(texts, 1))
    return Document(f"{abs(hash(name)):064x}"[-64:], Path(name), name, "pdf", pages, (), None, (), b"")


FILLER = "Nothing of interest happened on this day at the harbour office."
LONG = document(
    "long.pdf", *(FILLER for _ in range(40)), "The crane may lift 4,180 kg at most.", *(FILLER for _ in range(20))
)


def test_generated_documents_and_folders() -> None:
    """A sample of the bench: nearly always with the question's words, or with a model's further ones."""
    hits = [(way, hit) for way, hit, _, _ in trials(random.Random(3), [60], 6)]
    asked = [hit for way, hit in hits if way in (WAYS[0], WAYS[1], WAYS[3])]
    assert sum(asked) >= 0.95 * len(asked)


def test_the_page_with_its_neighbours_in_document_order() -> None:
    chosen = choose([LONG], "How many kilograms may the cranes lift?", 200)
    assert chosen is not None
    assert dict(chosen.pages) == {LONG.content_hash: (39, 40, 41)}
    assert chosen.tokens <= 200


def test_folded_as_evidence_is() -> None:
    assert set(terms("Größe, 4,180 kg, don't")) >= {"grosse", "4", "180", "4180", "kg"}
    assert list(terms("東京都")) == ["東京", "京都"]
    ranking = Ranking([document("a.pdf", "Die GRÖSSE der Halle", "Andere Seite"), document("b.pdf", "東京都の人口")])
    first = [ranking.rank(question)[0] for question in ("Größe?", "東京の人口は?")]
    assert [(one.document, one.page) for one in first] == [(0, 0), (1, 0)]
    assert ranking.rank("zzz?") == []
    ranking.close()


def test_no_more_than_there_is_room_for_and_nothing_without_a_word() -> None:
    many = document("many.pdf", *(f"{FILLER} The crane {n} lifts." for n in range(100)))
    chosen = choose([many], "Which crane lifts?", 300)
    assert chosen is not None
    assert chosen.tokens <= 300
    assert choose([many], "zeppelin?", 300) is None
    for words in ('"', "AND OR NOT", "a*b ^c (d) {e}", "NEAR(a b)", "-x: y"):
        choose([many], words, 300)


def test_further_words_find_what_is_said_otherwise() -> None:
    question = "What is the maximum load of the hoist?"
    assert choose([LONG], question, 200) is None
    chosen = choose([LONG], question, 200, ("crane", "lift", "kg"))
    assert chosen is not None
    assert 40 in dict(chosen.pages)[LONG.content_hash]


def test_what_is_not_read_is_marked_for_the_model_and_told_to_the_user() -> None:
    other = document("other.pdf", FILLER)
    chosen = choose([LONG, other], "What may the crane lift?", 200)
    assert chosen is not None
    (left,) = only([LONG, other], chosen.pages)
    assert [page.state for page in left.pages].count("text") == 3
    assert left.pages[0].reason == NOT_RELEVANT
    words = "".join(part.text for part in document_parts(1, left) if isinstance(part, TextPart))
    assert "Pages 1 to 39 were not read" in words
    assert "4,180 kg" in words
    assert str(rests_on([LONG, other], chosen.pages)) == (
        "Based on the 3 most relevant of 62 pages: long.pdf (40–42). "
        "59 pages were not read. 1 file was not read at all."
    )
    assert only([LONG, other], ()) == (LONG, other)


def test_a_models_list_of_words() -> None:
    further = FurtherWords("What may the crane lift?")
    request = further.next_request()
    assert request is not None
    assert further.next_request() is None
    further.take(Reply("hoist, load limit, *maximum weight*\n- kg\nI think that it may well be said otherwise."))
    assert further.words == ("hoist", "load limit", "maximum weight", "kg")


def test_words_that_came_before_it_was_stopped() -> None:
    further = FurtherWords("What may the crane lift?")
    request = further.next_request()
    assert request == further.request()
    heard = 0

    def generate(_request: Request, cancel: Cancel) -> Iterator[Event]:
        nonlocal heard
        for text in ("hoist, lo", "ad limit, maxi", "mum weight, kg"):
            if cancel.is_set():
                yield Finished("cancelled", Usage(1, 0, 1), Timings(0.0, 0.0, 0.0))
                return
            heard += 1
            yield TextDelta(text)

    class Late(Deadline):
        def is_set(self) -> bool:
            return heard >= 2

    further = FurtherWords("What may the crane lift?")
    assert list(go_through(further, generate, Late())) == ["stopped"]
    assert further.words == ("hoist", "load limit")  # of "maxi" nobody knows how it ends


def test_a_slow_machine_is_not_asked_for_words() -> None:
    assert not too_slow(None)
    assert not too_slow(1 / 80)
    assert too_slow(1 / 5)
    assert Deadline(0.0).is_set() and not Deadline(60.0).is_set()
