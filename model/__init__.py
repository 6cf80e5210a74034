"""The inference engine for Gemma 4. Never imports Qt or ``app``."""
