"""File formats of recordings: one module each, file to `Recording`, no clock, no actor."""
