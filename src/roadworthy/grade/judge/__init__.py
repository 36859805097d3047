"""Judges: models that read an answer by a rubric, and what their answers are worth."""
