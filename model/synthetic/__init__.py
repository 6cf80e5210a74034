"""Made-up model folders with seeded random weights: ``python -m model.synthetic FOLDER --shape tiny``."""
