"""The library: pictures that have an address."""
