"""The door: HTTP, the stream gateway, keys, limits, errors and pages."""
