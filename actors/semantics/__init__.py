"""Semantics: features in, mood, words and wishes for pictures out."""
