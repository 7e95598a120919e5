"""Planted bugs: mistakes made on purpose, to see whether a hunt finds them.

lost_ask         a question that waits when its address is vacated is not answered
double_open      the lease of a headset is ignored
missed_restart   a supervisor overlooks one death in four
"""

import enum
from collections.abc import Callable
from typing import Final, final

import numpy as np

from actors.edges import Letter, Loss
from actors.inbox import Address
from actors.lease import Lease, LeaseHeldError, Leases
from protocols.supervision import Died

OVERLOOKED: Final = 0.25
_VACATED: Final = ("crashed", "hung", "closed", "abandoned", "orphaned")


class Bug(enum.StrEnum):
    """A mistake."""

    LOST_ASK = "lost_ask"
    DOUBLE_OPEN = "double_open"
    MISSED_RESTART = "missed_restart"


@final
class Plant:
    """Makes them.

    Args:
        bugs: which.
        rng: draws when.
    """

    def __init__(self, bugs: frozenset[Bug], rng: np.random.Generator) -> None:
        self._bugs = bugs
        self._rng = rng

    def address(self, address: Address) -> None:
        """An address was made."""
        if Bug.LOST_ASK in self._bugs:
            _forget_answers(address)
        if Bug.MISSED_RESTART in self._bugs:
            self._overlook_deaths(address)

    def lease(self, take: Callable[[], Lease]) -> Lease:
        """A reader takes the lease of its headset.

        Raises:
            LeaseHeldError: another has it.
        """
        try:
            return take()
        except LeaseHeldError as error:
            if Bug.DOUBLE_OPEN not in self._bugs:
                raise
            return Leases().take(error.resource, "whoever comes")

    def _overlook_deaths(self, address: Address) -> None:
        edge = address.reports
        post, rng = edge.post, self._rng

        def overlook(letter: Letter) -> None:
            if not (isinstance(letter[1], Died) and rng.random() < OVERLOOKED):
                post(letter)

        vars(edge)["post"] = overlook


def _forget_answers(address: Address) -> None:
    edge = address.mail
    lost = edge.lost

    def forget(letter: Letter, reason: str) -> Loss:
        loss = lost(letter, reason)
        if reason not in _VACATED:
            return loss
        sender, message, _, deadline = letter
        return (sender, message, None, deadline), reason

    vars(edge)["lost"] = forget
