"""An answer's quotations are looked up once it is finished: off the event loop, the text is shown already."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.chat.evidence.places import Evidence
from app.session.conversation import Conversation, Exchange
from app.session.turn import Turn
from app.ui.files.attachments import Attachments

Tell = Callable[[Conversation, Exchange], None]


class LookingUp:
    """Fills ``Exchange.evidence`` and tells that it did."""

    def __init__(self, attachments: Attachments, tell: Tell) -> None:
        self._attachments, self._tell = attachments, tell
        self._under_way: set[str] = set()

    def look_up(self, turn: Turn) -> None:
        """Look up what this answer quotes in the documents that it was asked about."""
        exchange, answer = turn.exchange, turn.exchange.answer

        def found(evidence: tuple[Evidence, ...]) -> None:
            self._under_way.discard(exchange.id)
            if turn.found(answer, evidence):
                self._tell(turn.talk, exchange)

        def failed(_error: Exception) -> None:  # the answer stays unchecked, and the log has the reason
            self._under_way.discard(exchange.id)

        if answer.strip() and exchange.id not in self._under_way:
            self._under_way.add(exchange.id)
            self._attachments.run(partial(turn.check, answer), found, failed)

    def look_up_late(self, talk: Conversation) -> None:
        """Answers that were saved before they were checked, as when the window is closed while one is written."""
        if self._attachments.busy or any(item.altered for item in self._attachments.items):
            return
        documents = self._attachments.items.documents()
        names = {document.name for document in documents}
        for one in talk.all:
            if one.stage.over and one.answer and not one.checked and one.sources and names.issuperset(one.sources):
                self.look_up(Turn(talk, one, documents))
