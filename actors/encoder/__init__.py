"""The encoder: clean EEG in, features and a 512-D vector out."""
