"""What programs send to Lectern's own endpoints."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.server.openai.bodies import MOST_TOKENS, Body

Id = Annotated[str, Field(max_length=100)]
Question = Annotated[str, Field(min_length=1, max_length=200_000)]


class Reading(Body):
    """How to read a file; other options make another document of it."""

    detail: Literal[70, 140, 280, 560, 1120] | None = None
    """Tokens of one picture; without it, chosen page by page."""
    mode: Literal["auto", "text", "image", "both"] = "auto"
    frames: int = Field(32, ge=1, le=1000)
    """Of a video, at most."""
    recognise: bool = True
    """Whether the words on scans and pictures are read."""
    password: str | None = Field(None, max_length=1000)


AS_USUAL = Reading.model_validate({})
"""As a file is read where nobody says otherwise."""


class AddBody(Body):
    """A file to read: one that was uploaded, or a path in a folder that the user allowed."""

    file_id: Id | None = None
    path: str | None = Field(None, max_length=4096)
    reading: Reading = AS_USUAL


class PinBody(Body):
    """Whether a document stays in memory whatever else is asked about."""

    pinned: bool


class Earlier(Body):
    """A question that was answered before."""

    question: Question
    answer: str = Field(max_length=1_000_000)


class AskBody(Body):
    """A question about documents, answered as in the window: with every quotation looked up."""

    question: Question
    documents: list[Id] = Field(default=[], max_length=100)
    history: list[Earlier] = Field(default=[], max_length=200)
    instructions: str = Field("", max_length=100_000)
    reading: Reading = AS_USUAL
    think: bool = False
    tools: bool = True
    """Whether the model may look closer, go to a time and find words by itself."""
    max_tokens: int = Field(2048, ge=1, le=MOST_TOKENS)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=0, lt=1 << 63)
    stream: bool = False
    user: str | None = Field(None, max_length=200)


class ExtractBody(Body):
    """A table out of every page. Without a schema the columns are chosen from the question."""

    documents: list[Id] = Field(min_length=1, max_length=100)
    question: str = Field("", max_length=200_000)
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    """A JSON schema of one row."""
    every_occurrence: bool = False
    resume: bool = False
    """Continue an earlier pass with the same columns."""
    reading: Reading = AS_USUAL
    stream: bool = False
    user: str | None = Field(None, max_length=200)


class ScenesBody(Body):
    """The scenes of a video."""

    document: Id
    summaries: bool = True
    detail: Literal[70, 140, 280, 560, 1120] | None = None
    stream: bool = False
    user: str | None = Field(None, max_length=200)


class TranscriptBody(Body):
    """A transcript of a recording or a video. The open model has to hear, unless the transcript is stored already."""

    document: Id
    again: bool = False
    """Whether to transcribe again although a transcript is stored."""
    format: Literal["text", "srt", "vtt"] = "text"
    """The format of ``text`` in the answer; the cues are always included."""
    stream: bool = False
    user: str | None = Field(None, max_length=200)


class CompareBody(Body):
    """The differences between the texts of two documents."""

    first: Id
    second: Id
    explain: bool = False
    """Whether the model says what each difference means."""
    language: str = Field("", max_length=50, pattern=r"^[A-Za-z ]*$")
    """The English name of the language to explain in; without it the model chooses."""
    reading: Reading = AS_USUAL
    stream: bool = False
    user: str | None = Field(None, max_length=200)
