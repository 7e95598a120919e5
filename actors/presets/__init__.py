"""Presets: sounds that have a name."""
