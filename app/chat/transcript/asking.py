"""A transcript, made by a model that hears: one request for each utterance, and what the answers become. A ``Pass``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.chat.parts import Reply
from app.ingest.cues import MAX_CUE_TEXT, MAX_CUES, Cue
from app.ingest.listen.store import Transcript
from app.ingest.listen.types import Over, Silence, Utterance
from model.messages import NOTHING, Message, msg
from model.sound.merging import seam
from model.types import ChatMessage, Request, Sampling, SoundPart, TextPart

PROMPT_VERSION = 1
"""Raised when the question changes, so that a transcript that was begun with the old one is begun anew."""

# As Google's documentation of Gemma asks for a transcript.
_QUESTION = (
    "Transcribe the following speech segment in its original language. Follow these specific instructions for "
    "formatting the answer:\n* Only output the transcription, with no newlines.\n* When transcribing numbers, write "
    "the digits, i.e. write 1.7 and not one point seven, and write 3 instead of three."
)
_SAMPLE_QUESTION = "Transcribe this speech."
"""The only one that the sample model was taught."""

_LEAST_TOKENS, _TOKENS_PER_S = 48, 16
_NOTHING_SAID = re.compile(r"^[\W_]*(?:\[[^\]]*\]|\([^)]*\))?[\W_]*$")
NOT_TIMED = msg("transcribe.not-timed", "This is not a recording or video, so there is nothing to transcribe.")
_TOO_MANY = msg("transcript.too-many", "The transcript is longer than Lectern can store; split the recording.")


@dataclass
class Transcribing:
    """``give`` an utterance, ask its request, ``take`` the answer; from ``done_s`` on nothing was heard yet."""

    content_hash: str
    model: str
    duration_s: float = 0.0
    sample: bool = False
    cues: list[Cue] = field(default_factory=list)
    done_s: float = 0.0
    over: bool = False
    looped: bool = False
    """An answer was stopped because the model only repeated itself."""
    damaged: bool = False
    failure: Message = NOTHING
    _waiting: Utterance | None = None

    @classmethod
    def resumed(cls, content_hash: str, model: str, kept: Transcript | None, *, sample: bool = False) -> Transcribing:
        """Where it was stopped, if ``kept`` is of the same model and question; else from the beginning."""
        if kept is None or kept.model != model or kept.prompt != PROMPT_VERSION:
            return cls(content_hash, model, sample=sample)
        # The last utterance before the place to go on may be heard once more.
        cues = [cue for cue in kept.cues if kept.over or cue.start_s < kept.done_s]
        return cls(content_hash, model, sample=sample, cues=cues, done_s=kept.done_s, over=kept.over)

    @property
    def transcript(self) -> Transcript:
        """What there is so far, to be stored."""
        return Transcript(self.content_hash, self.model, tuple(self.cues), self.done_s, self.over, PROMPT_VERSION)

    def give(self, found: Utterance | Silence | Over) -> None:
        """What listening gave: an utterance waits for its request, silence only moves on."""
        match found:
            case Utterance():
                self._waiting = found
                if len(self.cues) >= MAX_CUES:
                    self.failure = _TOO_MANY
            case Silence(time_s):
                self.done_s = max(self.done_s, time_s - _SAFE_S)
            case Over(time_s, damaged):
                self.done_s, self.over, self.damaged = max(self.done_s, time_s), True, damaged

    def next_request(self) -> Request | None:
        """The request about the utterance that waits."""
        if self._waiting is None or self.failure:
            return None
        sound = self._waiting.sound
        question = _SAMPLE_QUESTION if self.sample else _QUESTION
        most = _LEAST_TOKENS + round(_TOKENS_PER_S * sound.seconds)
        message = ChatMessage("user", (SoundPart(sound), TextPart(question)))
        return Request((message,), Sampling(temperature=0.0), max_new_tokens=most)

    def grow(self, text: str) -> None:
        """An utterance is short; it is shown when it is complete."""

    def take(self, reply: Reply) -> None:
        """The words of the utterance that was asked about."""
        assert self._waiting is not None
        found, self._waiting = self._waiting, None
        self.looped = self.looped or reply.repeated
        words = read_words(reply.text)
        if found.overlaps and self.cues and words:
            words = self._joined(words)
        if words:
            self.cues.append(Cue(found.start_s, found.end_s, words, "transcript", self.model))
        self.done_s = max(self.done_s, found.resume_s)

    def fail(self, message: Message) -> None:
        """An utterance that is left out would never be missed: the work ends there."""
        self.failure = message

    def _joined(self, words: str) -> str:
        """The words without what the cue before has of them, which loses a word that was cut off."""
        before = self.cues[-1]
        stop, start = seam(before.text, words)
        kept = before.text[:stop].rstrip()
        if kept:
            self.cues[-1] = Cue(before.start_s, before.end_s, kept, before.source, before.track)
        else:
            self.cues.pop()
        return words[start:].lstrip()


_SAFE_S = 31.0
"""Seconds before the place that decoding has come to at which an utterance may still be undecided."""


def read_words(answer: str) -> str:
    """A transcript's words out of an answer; empty where it says that there are none."""
    words = " ".join(answer.split())
    if len(words) > 1 and words[0] in '"“„«' and words[-1] in '"”“»':
        words = words[1:-1].strip()
    return "" if _NOTHING_SAID.match(words) else words[:MAX_CUE_TEXT]
