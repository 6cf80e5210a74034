"""Videos: frames with their times, upright and in their colours."""
