"""The page of a simulated run: one file, without scripts, fonts or links to elsewhere."""
