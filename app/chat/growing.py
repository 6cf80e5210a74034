"""An answer as the engine's events make it grow, and the notice about its end: for the window and every command."""

from __future__ import annotations

from model.messages import Message, msg
from model.types import Finished, TakenBack, TextDelta, ThoughtDelta


def grown(answer: str, thinking: str, event: object) -> tuple[str, str]:
    """Answer and thoughts after one more event. Events of other kinds change nothing."""
    match event:
        case TextDelta(text):
            return answer + text, thinking
        case ThoughtDelta(text):
            return answer, thinking + text
        case TakenBack():
            return answer[: len(answer) - event.answer], thinking[: len(thinking) - event.thought]
    return answer, thinking


def ending(finished: Finished) -> tuple[Message, ...]:
    """Notices about how an answer ended; none where the model ended it by itself."""
    said = [msg("ending.thinking-limit", "Thinking stopped at its limit")] if finished.thinking_cut else []
    match finished.reason:
        case "length":
            said.append(msg("ending.length", "Cut off at the length limit"))
        case "cancelled":
            said.append(msg("ending.stopped", "Stopped"))
        case "repetition":
            said.append(msg("ending.repetition", "The model started repeating itself, so the answer was stopped."))
    return tuple(said)
