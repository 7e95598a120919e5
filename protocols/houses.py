"""The house of a session: its subtree of actors, as the session manager sees it."""

from typing import Protocol

from protocols.ports import Reply
from protocols.sessions import PushSamples, SessionSettings
from protocols.simulation import BrainCommand


class Houses(Protocol):
    """Builds and clears subtrees. No call waits: what comes of it is a life event."""

    def open(self, session: str, settings: SessionSettings) -> None:
        """Start a session's actors."""

    def close(self, session: str, reason: str) -> None:
        """Stop a session's actors and end its streams; safe to repeat."""

    def pause(self, session: str, *, paused: bool) -> None:
        """Let the reader hand nothing on, or go on."""

    def command(self, session: str, command: BrainCommand) -> Reply:
        """Pass a command to the session's simulated sitter.

        Returns:
            None once it is obeyed, or a `SessionRefused`.
        """

    def push(self, push: PushSamples) -> str | None:
        """Hand pushed samples to the session's reader; says what is wrong with them."""

    def session_of(self, path: str) -> str | None:
        """The session whose whole subtree `path` is; None for any other path."""
