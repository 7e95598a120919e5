"""The world replaced: a brain, a headset, and the actor in the reader's place."""
