"""The embedded painter: wishes in, pictures out, without weights, clock or files."""

from actors.generator.painter.painter import Painter

__all__ = ["Painter"]
