"""Specifications: what a supervisor must know of a child, and of itself.

Checked when they are made, so that a tree with a mistake never starts.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from actors.inbox import Address
from actors.stage import Dispatcher, Stage
from supervisors.restart import (
    AutoShutdown,
    Backoff,
    Intensity,
    Restart,
    SpecError,
    Strategy,
)

ABANDON: Final = 0.0
"""As a `stop_within_s`: do not ask it to end; it is replaced at once (OTP: brutal_kill)."""

NEVER: Final = math.inf
"""As a `stop_within_s`: wait for its end however long it takes (OTP: infinity)."""


@dataclass(frozen=True, kw_only=True)
class ChildSpec:
    """A child: how to make it, where it lives, what its end means.

    Raises:
        SpecError: a field is out of its range, or two do not go together.
    """

    id: str
    """Unique among its siblings; a path's segment: no `/`."""

    make: Callable[[], Stage]
    """Builds the actor, wiring only; called anew for every life, in a helper thread."""

    address: Address
    dispatcher: Dispatcher
    restart: Restart = Restart.PERMANENT
    start_within_s: float = 10.0
    """Seconds to be made and set up in; then it is abandoned, and that is a failure."""

    stop_within_s: float = 2.0
    """Seconds to end in; then it is abandoned: its address is free, its thread is not.
    Also `NEVER` and `ABANDON`."""

    hang_after_s: float | None = 5.0
    """Seconds in one message after which the watchdog takes it for hung; None: never."""

    backoff: Backoff | None = None
    """Wait before starts that follow a failure; None starts at once."""

    significant: bool = False
    """Its end for good may end its supervisor too; see `AutoShutdown`."""

    is_supervisor: bool = False

    def __post_init__(self) -> None:
        if not self.id or "/" in self.id:
            raise SpecError("id", self.id, "text without '/'")
        if not 0 < self.start_within_s < math.inf:
            raise SpecError("start_within_s", self.start_within_s, "seconds above 0")
        if not self.stop_within_s >= 0:
            raise SpecError(
                "stop_within_s", self.stop_within_s, "seconds, 0 (abandon) or inf (never)"
            )
        if self.hang_after_s is not None and not 0 < self.hang_after_s < math.inf:
            raise SpecError("hang_after_s", self.hang_after_s, "seconds above 0, or None")
        if self.significant and self.restart is Restart.PERMANENT:
            raise SpecError(
                "significant",
                self.significant,
                "False for a permanent child: it never ends",
            )
        if self.backoff is not None and self.restart is Restart.TEMPORARY:
            raise SpecError(
                "backoff",
                self.backoff,
                "None for a temporary child: it has no second start",
            )
        if self.is_supervisor and self.stop_within_s == ABANDON:
            raise SpecError(
                "stop_within_s",
                self.stop_within_s,
                "above 0 for a supervisor: its children must be stopped in order",
            )


@dataclass(frozen=True, kw_only=True)
class Flags:
    """How a supervisor treats its children; may be changed while it runs (`SetFlags`).

    Raises:
        SpecError: two of them do not go together.
    """

    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: Intensity = field(default_factory=Intensity)
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    template: Callable[[Any], ChildSpec] | None = None
    """Makes the specification of a dynamic child from an argument (`StartFromTemplate`);
    such a supervisor has no other children, and forgets each when it has ended."""

    max_children: int | None = None
    """Most children at once; None: no limit."""

    def __post_init__(self) -> None:
        if self.max_children is not None and self.max_children < 1:
            raise SpecError("max_children", self.max_children, "1 and more, or None")
        if self.template is not None and self.strategy is not Strategy.ONE_FOR_ONE:
            raise SpecError(
                "strategy",
                self.strategy.value,
                "one_for_one with a template: dynamic children have no order",
            )

    def admit(self, specs: Sequence[ChildSpec]) -> None:
        """Check a supervisor's own children, before one of them is started.

        Raises:
            SpecError: one does not go with the flags, or with another.
        """
        if specs and self.template is not None:
            raise SpecError("children", len(specs), "none beside a template")
        if self.max_children is not None and len(specs) > self.max_children:
            raise SpecError("max_children", self.max_children, f"{len(specs)} and more")
        for number, spec in enumerate(specs):
            self.admit_beside(specs[:number], spec)

    def admit_beside(self, siblings: Sequence[ChildSpec], spec: ChildSpec) -> None:
        """Check one more child.

        Raises:
            SpecError: it does not go with the flags, or with a sibling.
        """
        if any(spec.id == other.id for other in siblings):
            raise SpecError("id", spec.id, "one that no sibling has")
        if any(spec.address is other.address for other in siblings):
            raise SpecError("address", spec.address.name, "one that no sibling has")
        self.fit(spec)

    def fit(self, spec: ChildSpec) -> None:
        """Check a child against the flags alone.

        Raises:
            SpecError: they do not go together.
        """
        if spec.significant and self.auto_shutdown is AutoShutdown.NEVER:
            raise SpecError(
                "significant",
                spec.significant,
                f"False for {spec.id}: its supervisor's auto_shutdown is never",
            )

    def told(self) -> dict[str, str | int | float]:
        """Them as the journal keeps them."""
        return {
            "strategy": self.strategy.value,
            "max_restarts": self.intensity.max_restarts,
            "within_s": self.intensity.within_s,
            "auto_shutdown": self.auto_shutdown.value,
            "max_children": 0 if self.max_children is None else self.max_children,
        }
