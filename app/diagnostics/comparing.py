"""A run of ``lectern bench`` beside an earlier one: of another day, another model, another adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from model.errors import LecternError
from model.messages import msg

_NOISE = 0.05
"""A difference of a speed below this share is not told apart from chance, whatever the repeats' spread."""


def read_report(path: Path) -> dict[str, Any]:
    """What ``lectern bench --json`` printed then. Raises ``LecternError``."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is not JSON"
        raise LecternError(
            msg("bench.baseline-unreadable", "{path} cannot be read ({why}).", path=path, why=why)
        ) from None
    if not isinstance(report, dict) or not isinstance(report.get("figures"), list):
        raise LecternError(
            msg(
                "bench.baseline", "{path} is not what `lectern bench --json` prints; save a run of it there.", path=path
            )
        )
    return report


def compared(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What changed, as lines: speeds, memory, and which questions are answered rightly now or no longer."""
    lines = [f"Against {before.get('model') or 'an earlier run'}:"]
    earlier = {one.get("name"): one for one in before["figures"] if isinstance(one, dict)}
    for figure in now["figures"]:
        old = earlier.get(figure["name"])
        if old is not None and old.get("unit") == figure["unit"] and _is_positive(old.get("value")):
            lines.append(f"  {figure['name']}: {_change(figure, old)}")
    lines += _memory(before.get("peak_bytes"), now["peak_bytes"])
    lines += _questions(before.get("questions"), now.get("questions"))
    return lines if len(lines) > 1 else [*lines, "  nothing that both runs measured"]


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _change(now: dict[str, Any], old: dict[str, Any]) -> str:
    times = now["value"] / old["value"]
    faster = times if now["unit"] != "s" else 1 / times
    spread = max(_NOISE, *(one["spread"] for one in (now, old) if _is_positive(one.get("spread"))), 0.0)
    words = "no clear change" if abs(faster - 1) <= spread else f"{faster:.2f} × as fast"
    return f"{old['value']:,.4g} → {now['value']:,.4g} {now['unit']}, {words}"


def _memory(before: Any, now: dict[str, int]) -> list[str]:
    old = before.get("Lectern") if isinstance(before, dict) else None
    new = now.get("Lectern")
    if old is None or new is None or not _is_positive(old):
        return []
    return [f"  peak memory: {old / 1e9:.2f} → {new / 1e9:.2f} GB"]


def _questions(before: Any, now: Any) -> list[str]:
    if not isinstance(before, list) or not isinstance(now, list):
        return []
    earlier = {_key(one): one for one in before if isinstance(one, dict)}
    pairs = [(earlier[_key(one)], one) for one in now if _key(one) in earlier]
    if not pairs:
        return ["  questions: the runs have none in common"]
    lines = []
    for name in ("right", "evidenced"):
        old, new = (sum(bool(one.get(name)) for one in side) for side in zip(*pairs, strict=True))
        lines.append(f"  {name}: {old:,} → {new:,} of {len(pairs):,}")
    for words, was in (("now right", False), ("no longer right", True)):
        changed = [
            one["question"] for old, one in pairs if bool(old.get("right")) is was and bool(one["right"]) is not was
        ]
        lines += [f"  {words}: {question}" for question in changed]
    return lines


def _key(one: dict[str, Any]) -> tuple[str, str]:
    return str(one.get("files")), str(one.get("question"))
