"""Questions about transcripts: laid out as in the application, answered with evidence that it finds."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.documents import document_parts
from app.chat.evidence.checking import check
from app.ingest.cues import Cue
from app.ingest.types import Document
from model.family.config_json import parse_config
from model.prompt.tokenizer import Tokenizer
from model.training.data.layout import recording_parts
from model.training.looking import AWAY
from model.training.speech.asked import Line, make_asked, make_lines, make_questions
from model.training.speech.network import speech_config
from model.training.speech.words import WORDS, vocabulary
from model.training.tokenizer import write_tokenizer
from model.types import TextPart
from tests.app.chat.evidence.papers import clip

LINES = (Line(4, 6, ("library", "seven")), Line(65, 66, ("March",)), Line(70, 73, ("seven", "one", "mirror")))


def recorded() -> Document:
    cues = tuple(Cue(line.start + 0.4, line.stop + 0.2, line.text, "transcript", "a model") for line in LINES)
    return replace(clip("words.ogg", duration=80.0), cues=cues, kind="recording")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder: Path = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(folder, vocabulary())
    return Tokenizer.open(folder)


def test_a_transcript_is_laid_out_as_the_application_does() -> None:
    document = recorded()
    ours = recording_parts(1, "words.ogg", document.content_hash[:12], 80.0, [(o.start, o.stop, o.text) for o in LINES])
    theirs = [part for part in document_parts(1, document, hears=True) if isinstance(part, TextPart)]
    assert "".join(part.text for part in theirs) == "".join(part.text for part in ours if isinstance(part, TextPart))


def test_every_answer_rests_on_evidence_that_is_found() -> None:
    document = recorded()
    asked = make_asked(random.Random(5), LINES, 60)
    assert {one.line for one in asked} == {-1, 0, 1, 2}
    for one in asked:
        found = check(one.answer, [document])
        if one.line < 0:
            assert one.answer == "Not in the document." and not found
            word = next(word for word in WORDS if word in one.question.replace("“", " ").replace("”", " ").split())
            assert all(word not in line.words for line in LINES)
            continue
        (evidence,) = found
        assert evidence.state == "heard" and evidence.place is not None
        assert evidence.place.time_s == LINES[one.line].start + 0.4


def test_attention_points_at_what_the_answer_continues_with(tokenizer: Tokenizer) -> None:
    made = make_questions(random.Random(2), 3, tokenizer, parse_config(speech_config()), most=5)
    names = {index: token.lstrip("▁") for token, index in vocabulary().items()}
    looked = 0
    for ids, said, looks, times in zip(made.ids.tolist(), made.said, made.next_looks, made.time_looks, strict=True):
        for at, start, stop in looks:
            assert said[at + 1]
            if (start, stop) != AWAY and names[ids[at + 1]] in WORDS:
                assert names[ids[start]] == names[ids[at + 1]] and stop == start + 1
                looked += 1
        for at, start, _ in times:
            assert names[ids[at]] in WORDS and len(names[ids[start]]) == 2 and names[ids[start]].isdigit()
    assert looked > 10 and len(made.prefix) > 200


def test_transcripts_have_times_in_order() -> None:
    for seed in range(30):
        lines = make_lines(random.Random(seed), 6)
        assert 2 <= len(lines) <= 6
        assert all(one.start < one.stop <= other.start for one, other in itertools.pairwise(lines))
