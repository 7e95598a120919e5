"""Who watches: specs, strategies, the supervisor, the tree and the composition root."""
