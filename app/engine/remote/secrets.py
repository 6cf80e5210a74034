"""The keys of servers, in the system's keyring, and with them the user's consent that files go there.

A server is used only where this machine's keyring has an entry for its address. The settings alone are not enough, so
a settings file from elsewhere, or one that somebody else has changed, never sends anything anywhere.
"""

from __future__ import annotations

import logging

from model.errors import LecternError
from model.messages import msg

SERVICE = "Lectern"
_NO_KEY = "-"
"""What is stored for a server that asks for no key."""
_log = logging.getLogger(__name__)


def allow(address: str, key: str) -> None:
    """Store the user's consent to use the server at ``address``, with its key or "". Raises ``LecternError``."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, address, key or _NO_KEY)
    except KeyringError as error:
        raise LecternError(
            msg(
                "server.no-keyring",
                "The system's keyring cannot be used ({why}), so the server's key cannot be stored safely; set one up, "
                "for example GNOME Keyring or KWallet.",
                why=type(error).__name__,
            )
        ) from error


def key_of(address: str) -> str | None:
    """The key of an allowed server, "" where it asks for none; ``None``: the user has not allowed it here."""
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(SERVICE, address)
    except KeyringError as error:
        _log.warning("The system's keyring cannot be read: %s", error)
        return None
    return "" if found == _NO_KEY else found


def disallow(address: str) -> None:
    """Delete key and consent."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, address)
    except KeyringError as error:
        _log.info("There was nothing to delete in the keyring: %s", error)
