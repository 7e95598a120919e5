"""Sessions: who sits, since when, and what came of it."""
