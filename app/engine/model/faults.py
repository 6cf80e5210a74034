"""What users are told of errors that nobody foresaw; their tracebacks are in the log."""

from __future__ import annotations

from model.messages import Message, msg

NOT_LOADED = msg(
    "internal.loading", "Something unexpected went wrong while the model was loaded; the log has the details."
)
NOT_ANSWERED = msg(
    "internal.asking", "Something unexpected went wrong while the answer was written; the log has the details."
)
NOT_MEASURED = msg(
    "internal.measuring",
    "Something unexpected went wrong while the question's size and time were estimated; the log has the details.",
)


def reason_of(error: BaseException, otherwise: Message) -> Message:
    """That memory ran out, where it did; else ``otherwise``."""
    if isinstance(error, MemoryError):
        return msg(
            "memory.request-short",
            "There is not enough memory for this; close other programs or ask about fewer pages.",
        )
    return otherwise
