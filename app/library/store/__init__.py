"""Conversations on disk: one SQLite file, its copies, and the search in it. No Qt, no torch.

``records`` is what goes in and out; ``schema`` the tables and how older files become new ones; ``opening`` checks and
copies the file, ``restoring`` goes back to a copy with what ``salvaging`` still finds; ``writing`` and ``reading`` are
the two sides, each with a separate connection; ``pending`` lays what is not written yet over what is.
"""

from __future__ import annotations
