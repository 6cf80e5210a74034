"""Gemma 4 itself: configuration, decoder, vision tower, tensors."""
