"""Sound: bowls and tones, what plays them, and who writes them to files."""
