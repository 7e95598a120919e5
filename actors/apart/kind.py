"""What a child process is for, and what it may cost."""

from dataclasses import dataclass

from actors.apart.words import LONGEST


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a child may take, and how long it is used.

    Raises:
        ValueError: one is not above 0.
    """

    start_s: float = 30.0
    """From its start to its first tiny job done."""

    answer_s: float = 15.0
    """For a job."""

    heartbeat_s: float = 10.0
    """Idle that long, it is given a tiny job."""

    heartbeat_answer_s: float = 5.0
    """For that tiny job."""

    goodbye_s: float = 0.5
    """To end in, when it is told to."""

    jobs: int = 100_000
    """After as many it is replaced."""

    resident_bytes: int = 1024**3
    """Holding more than that after a job, it is replaced."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} is {value!r}; allowed: more than 0")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the children of an actor run.

    Raises:
        ValueError: the tiny job is too long.
    """

    module: str
    """Run as `python -m`; calls `actors.apart.serve.serve`."""

    tiny: bytes
    """Content of a real but tiny job: proves that a child works. Its answer is dropped."""

    shared_bytes: int
    """Room for arrays. Pages that no array has touched take no memory."""

    limits: Limits = Limits()

    alone: bool = False
    """Whether no two may be there at once, because they would want the same device; else
    the next one starts before the last one goes."""

    def __post_init__(self) -> None:
        if len(self.tiny) > LONGEST:
            raise ValueError(f"tiny has {len(self.tiny)} bytes; allowed: up to {LONGEST}")
