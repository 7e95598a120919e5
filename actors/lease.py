"""Leases: what only one may hold, so that a device is never open twice.

Who opens a device takes its lease first and gives it back after closing it. An actor that
hangs keeps its lease though it was replaced: its successor must wait («searching») until
the device really is free, because nobody else can close it.
"""

from _thread import allocate_lock
from collections.abc import Callable
from typing import final

from protocols.errors import PhospheneError
from protocols.supervision import LeaseRefused


class LeaseHeldError(PhospheneError):
    """Somebody else holds it.

    Args:
        resource: what was wanted.
        held_by: who has it.
    """

    def __init__(self, resource: str, held_by: str) -> None:
        super().__init__(f"{resource} is held by {held_by}")
        self.resource = resource
        self.held_by = held_by


@final
class Lease:
    """The right to use a resource; safe to release twice."""

    def __init__(self, leases: "Leases", resource: str, holder: str) -> None:
        self.resource = resource
        self.holder = holder
        self._leases = leases

    def release(self) -> None:
        """Give it back."""
        self._leases.take_back(self)


class Leases:
    """Who holds what. Any thread.

    Args:
        refused: is told of each refusal, in the thread of who wanted it.
    """

    def __init__(self, refused: Callable[[LeaseRefused], object] | None = None) -> None:
        self._held: dict[str, Lease] = {}
        self._lock = allocate_lock()
        self._refused = refused

    def take(self, resource: str, holder: str) -> Lease:
        """Take the lease of `resource`.

        Raises:
            LeaseHeldError: another holds it.
        """
        lease = Lease(self, resource, holder)
        with self._lock:
            before = self._held.setdefault(resource, lease)
        if before is lease:
            return lease
        if self._refused is not None:
            self._refused(
                LeaseRefused(resource=resource, wanted_by=holder, held_by=before.holder)
            )
        raise LeaseHeldError(resource, before.holder)

    def take_back(self, lease: Lease) -> None:
        """What `Lease.release` does."""
        with self._lock:
            if self._held.get(lease.resource) is lease:
                del self._held[lease.resource]

    def held(self) -> dict[str, str]:
        """Holder by resource."""
        with self._lock:
            return {name: lease.holder for name, lease in self._held.items()}
