"""Output: pictures and signals become messages, each encoded once."""
