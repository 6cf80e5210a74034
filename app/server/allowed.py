"""Whether the administrator of this machine allows the API."""

from __future__ import annotations

from app.library.policy import policy
from model.errors import LecternError
from model.messages import msg

FORBIDDEN = msg(
    "api.forbidden",
    "The administrator of this machine does not allow the API; ask them to allow “serve” in the policy.",
)


def check_allowed() -> None:
    """Raise ``LecternError`` where it is forbidden."""
    if not policy().serve:
        raise LecternError(FORBIDDEN)
