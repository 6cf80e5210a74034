"""What players of videos and of recordings have in common: position, buttons, keys, sound, and what is said."""
