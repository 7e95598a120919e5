"""A plain model of a supervisor: what its children ought to be after each order.

It knows no actors, no messages and no threads: children in a list, a window of restarts,
and loops. Whatever happens, happens at once.
"""

from dataclasses import dataclass, field

FIRST_S, MOST = 1.0, 4.0
"""Of a backoff: the first wait, and the longest as a multiple of it."""


@dataclass
class Known:
    """A child."""

    name: str
    restart: str
    first_s: float = 0.0
    """Its first wait; 0: it has no backoff."""

    added: bool = False
    fresh: bool = False
    """Added, and not up yet."""

    state: str = "stopped"
    life: int = 0
    restarts: int = 0
    failures: int = 0
    held: bool = False
    paused: bool = False
    up_at: float | None = None
    due: float = 0.0
    seen: bool = False
    """It has a row in the tree."""

    @property
    def up(self) -> bool:
        return self.state == "running"

    @property
    def waits(self) -> bool:
        return self.state == "waiting"


@dataclass
class Model:
    """A supervisor."""

    strategy: str
    most_restarts: int
    dynamic: bool = False
    within_s: float = 5.0
    most_children: int | None = None
    now: float = 0.0
    children: list[Known] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    """To be started."""

    plans: dict[str, list[str]] = field(default_factory=dict)
    """What the next starts of a name come to: `fail` or `ignore`; else it is up."""

    spent: list[float] = field(default_factory=list)
    lives: dict[str, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    booting: bool = False
    """All start for the first time: a failure takes the whole start back."""

    over: bool = False
    starting: Known | None = None

    def get(self, name: str) -> Known | None:
        return next((c for c in self.children if c.name == name), None)

    # -- starts and ends ----------------------------------------------------------------

    def begin(self) -> None:
        """Begin the next start, if one is due."""
        while self.starting is None and not self.over:
            child = self._next()
            if child is None:
                return
            self.pending.discard(child.name)
            if child.up or child.held:
                continue
            self.lives[child.name] = child.life = self.lives.get(child.name, 0) + 1
            child.state, child.up_at, child.seen = "starting", None, True
            self.starting = child

    def settle(self) -> None:
        """Carry out all starts that are due."""
        self.begin()
        while (child := self.starting) is not None and not self.over:
            self.starting = None
            plan = self.plans.get(child.name)
            outcome = plan.pop(0) if plan else "up"
            self.log.append(f"+{child.name}")
            if outcome == "up":
                child.state, child.up_at, child.fresh = "running", self.now, False
            else:
                self.log.append(f"-{child.name}")
                self._not_up(child, outcome)
            self.begin()

    def _next(self) -> Known | None:
        for child in self.children:
            if child.name in self.pending:
                return child
            if self.strategy != "one_for_one" and child.waits:
                return None
        return None

    def _not_up(self, child: Known, outcome: str) -> None:
        if outcome == "ignore":
            child.state, child.fresh = "stopped", False
            if self.dynamic or child.restart == "temporary":
                self.forget(child)
        elif self.booting:
            child.state = "failed"
            self.end()
        elif child.fresh:
            self.forget(child)
        else:
            child.state = "failed"
            self.fall(child, abnormal=True)

    def fall(self, child: Known, *, abnormal: bool) -> None:
        """It ended by itself, and is not up any more."""
        good = {"permanent": True, "transient": abnormal, "temporary": False}
        if not good[child.restart]:
            if child.added or child.restart == "temporary":
                self.forget(child)
            return
        self.spent = [at for at in self.spent if at > self.now - self.within_s]
        self.spent.append(self.now)
        if len(self.spent) > self.most_restarts:
            self.end()
            return
        child.restarts += 1
        if child.up_at is not None and self.now - child.up_at > MOST * child.first_s:
            child.failures = 0
        child.failures += 1
        self._take_along(self.fallen(child), child)
        if child.first_s:
            child.state = "waiting"
            child.due = self.now + child.first_s * min(MOST, 2.0 ** (child.failures - 1))
        else:
            self.pending.add(child.name)

    def fallen(self, child: Known) -> list[Known]:
        """Who falls with it."""
        place = self.children.index(child)
        among = {"one_for_one": [], "one_for_all": self.children}
        with_it = among.get(self.strategy, self.children[place:])
        return [other for other in with_it if other is not child]

    def _take_along(self, others: list[Known], child: Known) -> None:
        for other in reversed(others):
            if other.restart == "temporary":
                if other.up:
                    self.stop(other)
                    self.forget(other)
                continue
            if other.up:
                self.stop(other)
            if not (other.held or other.waits or other is child):
                self.pending.add(other.name)

    def stop(self, child: Known) -> None:
        """It is told to end, and does."""
        if child.up:
            self.log.append(f"-{child.name}")
        if child.up or child.waits:
            child.state = "stopped"

    def forget(self, child: Known) -> None:
        """It is known no longer."""
        self.children.remove(child)
        self.pending.discard(child.name)

    def end(self) -> None:
        """All end in reverse."""
        for child in reversed(self.children):
            self.stop(child)
        self.over = True

    # -- time -----------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """When the next wait is over."""
        return min((c.due for c in self.children if c.waits), default=None)

    def wait_is_over(self) -> None:
        """For whoever's wait ends now."""
        for child in self.children:
            if child.waits and child.due == self.now:
                self.pending.add(child.name)
        self.settle()
