"""What is said in a file, as a whole: written down by a model, stored, and exported."""
