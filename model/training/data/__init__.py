"""What the sample model is trained on: generated pages, videos, questions."""
