"""Makes the sample model: seeded documents and clips, training stages, evaluation, export. See README.md."""
