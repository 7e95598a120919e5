"""Siblings: a supervisor's children in starting order, and what is to be done with them.

What is to be done is two sets, to stop and to start. Deaths and orders only add to them, so
that simultaneous deaths become one cycle; one child at a time is being started or stopped.
"""

from collections.abc import Iterator

from protocols.supervision import ChildState
from supervisors.child import UP, Child
from supervisors.orders import ChildCount
from supervisors.restart import Strategy


class Siblings:
    """Children by name, in starting order."""

    def __init__(self) -> None:
        self.to_stop: set[str] = set()
        self.to_start: set[str] = set()
        self.busy: str | None = None
        """Who is being started or stopped now."""

        self._children: dict[str, Child] = {}

    def __iter__(self) -> Iterator[Child]:
        return iter(list(self._children.values()))

    def __len__(self) -> int:
        return len(self._children)

    def names(self) -> list[str]:
        """In starting order."""
        return list(self._children)

    def get(self, name: str | None) -> Child | None:
        """One of them; None: there is no such child."""
        return None if name is None else self._children.get(name)

    def of(self, name: str, life: int) -> Child | None:
        """One of them in that very life."""
        child = self._children.get(name)
        return child if child is not None and child.life == life else None

    def add(self, child: Child) -> None:
        """One more, last in order, to be started."""
        self._children[child.spec.id] = child
        self.to_start.add(child.spec.id)

    def drop(self, name: str) -> bool:
        """One fewer; False: it was not there."""
        self.to_start.discard(name)
        self.to_stop.discard(name)
        return self._children.pop(name, None) is not None

    def next_to_stop(self) -> Child | None:
        """The last in order."""
        for name in reversed(self._children):
            if name in self.to_stop:
                self.to_stop.discard(name)
                return self._children[name]
        return None

    def next_to_start(self, strategy: Strategy) -> Child | None:
        """The first in order; with a strategy that binds siblings, none overtakes.

        An earlier sibling that waits for its backoff holds back the later ones.
        """
        for name, child in self._children.items():
            if name in self.to_start:
                self.to_start.discard(name)
                return child
            bound = strategy is not Strategy.ONE_FOR_ONE
            if bound and child.state is ChildState.WAITING:
                return None
        return None

    def is_settled(self, name: str) -> bool:
        """Whether nothing more is to be done with a child."""
        return not (self.busy == name or name in self.to_start or name in self.to_stop)

    def count(self) -> ChildCount:
        """How many there are."""
        supervisors = sum(child.spec.is_supervisor for child in self)
        return ChildCount(
            specs=len(self),
            active=sum(child.state in UP for child in self),
            supervisors=supervisors,
            workers=len(self) - supervisors,
        )
