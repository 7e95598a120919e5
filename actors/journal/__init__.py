"""The journal: everything that happened to the tree, on disk."""
