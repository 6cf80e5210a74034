"""Conversations on disk: one SQLite file, its copies, and the search in it. No Qt, no torch.

``records`` is what goes in and out; ``schema`` the tables and how older files become new ones; ``opening`` checks,
copies and restores the file; ``writing`` and ``reading`` are its two sides, each with a connection of its own.
"""

from __future__ import annotations
