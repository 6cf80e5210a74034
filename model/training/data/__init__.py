"""The sample model's training data: generated pages, videos, questions."""
