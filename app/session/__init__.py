"""Conversations, files, turns and costs, without Qt: what the window, the command line and scripts share.

For scripts, this is the door. Nothing heavy is imported before it is needed, and nothing goes over a network::

    from app.session import SampleModel, Session

    with Session(SampleModel()) as session:
        session.add("resources/samples/invoice.pdf")
        exchange = session.ask("What is the due date?")
        print(exchange.answer)
        for one in exchange.evidence:
            print(one.state, one.quote, one.place and one.place.page)

The answer as it grows, and first what it costs; a caller that stops at the cost has not asked::

    from app.session import Costed, EvidenceFound, SampleModel, Session

    with Session(SampleModel()) as session:
        session.add("resources/samples/invoice.pdf")
        for event in session.events("What is the invoice date?"):
            match event:
                case Costed(costs):
                    print(costs.prompt_tokens, "tokens, of them cached:", costs.reused_tokens)
                case EvidenceFound(evidence):
                    print([one.state for one in evidence])
        print(session.conversation.last.answer)

The same question about several files, each by itself, with short answers and without the model's own looks::

    from pathlib import Path

    from app.session import AskOptions, LecternError, ReadOptions, SampleModel, Session

    for path in (Path("resources/samples") / name for name in ("invoice.pdf", "settings.png")):
        with Session(SampleModel(), options=AskOptions(max_new_tokens=64), tools=False) as session:
            read = session.add(path, options=ReadOptions(budget=280))
            try:
                answer = session.ask("What is the due date?").answer
            except LecternError as error:
                answer = str(error)
            print(path.name, len(read.documents), answer)

``Session.events`` gives the answer as it grows, and first what it costs. ``LocalFolder(path)`` is a model of your own,
``AskOptions`` set how to answer, ``ReadOptions`` how files are read. Every error is a ``LecternError`` with one
sentence. Names that are not in ``__all__`` are the application's own and change without notice.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.chat.evidence.places import Evidence, Place
    from app.chat.request import AskOptions
    from app.ingest.types import Document, ReadOptions
    from app.library.model_ref import LocalFolder, ModelRef, SampleModel
    from app.session.answering import Costed, EvidenceFound, SessionEvent
    from app.session.conversation import Conversation, Exchange
    from app.session.reading import ReadFiles
    from app.session.session import Session
    from model.errors import LecternError

__all__ = [
    "AskOptions",
    "Conversation",
    "Costed",
    "Document",
    "Evidence",
    "EvidenceFound",
    "Exchange",
    "LecternError",
    "LocalFolder",
    "ModelRef",
    "Place",
    "ReadFiles",
    "ReadOptions",
    "SampleModel",
    "Session",
    "SessionEvent",
]

_WHERE = {
    "Evidence": "app.chat.evidence.places",
    "Place": "app.chat.evidence.places",
    "AskOptions": "app.chat.request",
    "Document": "app.ingest.types",
    "ReadOptions": "app.ingest.types",
    "LocalFolder": "app.library.model_ref",
    "ModelRef": "app.library.model_ref",
    "SampleModel": "app.library.model_ref",
    "Costed": "app.session.answering",
    "EvidenceFound": "app.session.answering",
    "SessionEvent": "app.session.answering",
    "Conversation": "app.session.conversation",
    "Exchange": "app.session.conversation",
    "ReadFiles": "app.session.reading",
    "Session": "app.session.session",
    "LecternError": "model.errors",
}


def __getattr__(name: str) -> Any:
    """The public names, each imported at its first use: the window's start waits for none of them."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)
