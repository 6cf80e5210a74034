"""Lectern's own endpoints, under ``/v1/lectern/``: documents, questions with evidence, tables, scenes, costs."""
