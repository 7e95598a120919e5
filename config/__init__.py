"""What can be set: each setting with unit, range and reason, and where values come from."""
