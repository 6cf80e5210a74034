"""Office files that are encrypted with a password: unlocked in the confined child, then read as what they are."""
