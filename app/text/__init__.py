"""Small functions that put numbers, times and Markdown into words. Without Qt."""
