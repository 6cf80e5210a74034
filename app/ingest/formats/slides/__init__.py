"""Presentations of PowerPoint and compatible programs (.pptx)."""
