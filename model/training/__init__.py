"""Makes the sample model: seeded documents and videos, training stages, evaluation, export. See README.md."""
