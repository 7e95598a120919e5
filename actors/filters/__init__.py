"""The filter chain: raw EEG in, clean EEG and its quality out."""
