"""Constants of soft tokens, which pictures and sound become. No torch."""

from __future__ import annotations

VISUAL_BUDGETS: tuple[int, ...] = (70, 140, 280, 560, 1120)
"""Soft tokens that one picture may cost (Gemma 4's image processor)."""

IMAGE = "image"
"""The kind of soft tokens that pictures and frames of videos become."""
PATCH_PX = 16
POOL = 3
SOFT_TOKEN_PX = PATCH_PX * POOL
"""One soft token covers 48 × 48 px: 3 × 3 patches of 16 px."""

SOUND = "sound"
"""The kind of soft tokens that sound becomes."""
SOUND_RATE = 16_000
"""Samples a second of all sound that the engine takes; the reader of a file resamples it."""
SOUND_LONGEST_S = 30
"""Seconds of the longest piece of sound that a Gemma 4 was trained on."""
SOUND_TOKENS_PER_S = 25
"""Soft tokens of one second of sound, in every Gemma 4 that hears."""
