"""The keyring: who may use the API."""
