"""Practices, whatever is done and whenever the server is killed: as a plain model says."""

import tempfile
from pathlib import Path
from typing import ClassVar

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
)

from protocols.sessions import (
    DeletePractice,
    GetPractice,
    ListPractices,
    PracticeView,
    SessionConflict,
    SessionRefused,
    SessionUnknown,
    StartPractice,
    StopPractice,
)
from tests.actors.sessions.practice_bench import Bench

MOST = 3
NEVER = float("inf")


class Plain:
    """A practice, told plainly; times are the wall clock's."""

    def __init__(self, duration_s: float, modalities: tuple[str, ...]) -> None:
        self.status = "created"
        self.duration_s = duration_s
        self.modalities = modalities
        self.began = 0.0
        self.ran = 0.0
        self.due = NEVER


class PracticeMachine(RuleBasedStateMachine):
    """Against `Plain`."""

    names = Bundle("names")
    kinds: ClassVar = st.sampled_from(
        [(), ("sound",), ("pictures",), ("sound", "pictures"), ("blessing", "audio")]
    )

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.bench = Bench(Path(self.folder.name), most=MOST)
        self.model: dict[str, Plain] = {}

    def teardown(self) -> None:
        self.bench.stage.teardown()
        self.folder.cleanup()

    @rule(target=names, duration_s=st.integers(1, 40), kind=kinds)
    def create(self, duration_s: int, kind: tuple[str, ...]) -> str:
        # No modality at all is not what the bench takes for none said.
        kind = kind or ("radionics",)
        session = self.bench.create(*kind, duration_s=float(duration_s)).session
        self.model[session] = Plain(float(duration_s), kind)
        return session

    @rule(session=names)
    def start(self, session: str) -> None:
        answer = self.bench.ask(StartPractice(session))
        plain = self.model.get(session)
        if plain is None:
            assert answer == SessionUnknown(session)
        elif plain.status != "created":
            assert isinstance(answer, SessionConflict)
        elif sum(p.status == "running" for p in self.model.values()) >= MOST:
            assert isinstance(answer, SessionRefused)
        else:
            assert isinstance(answer, PracticeView)
            plain.status, plain.began = "running", self.bench.clock.wall
            plain.due = plain.began + plain.duration_s

    @rule(session=names)
    def stop(self, session: str) -> None:
        answer = self.bench.ask(StopPractice(session))
        plain = self.model.get(session)
        if plain is None:
            assert answer == SessionUnknown(session)
        elif plain.status == "running":
            assert isinstance(answer, PracticeView)
            plain.status, plain.ran = "stopped", self.bench.clock.wall - plain.began
        else:
            assert isinstance(answer, SessionConflict)

    @rule(session=consumes(names))
    def delete(self, session: str) -> None:
        assert isinstance(self.bench.ask(DeletePractice(session)), PracticeView)
        del self.model[session]

    @rule(seconds=st.integers(1, 25))
    def wait(self, seconds: int) -> None:
        self.bench.wait(float(seconds))
        self._complete()

    @rule(seconds=st.integers(0, 25))
    def be_killed(self, seconds: int) -> None:
        self.bench.stage.teardown()
        self.bench.clock.advance(float(seconds))
        self.bench.begin()
        self._complete()

    @rule()
    def be_raised_anew(self) -> None:
        self.bench.stage.teardown()
        self.bench.life()

    def _complete(self) -> None:
        for plain in self.model.values():
            if plain.status == "running" and plain.due <= self.bench.clock.wall:
                plain.status, plain.ran = "completed", plain.duration_s

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        assert self.bench.ask(ListPractices(limit=1000)).total == len(self.model)
        for session, plain in self.model.items():
            view = self.bench.ask(GetPractice(session))
            assert (view.status, view.kept) == (plain.status, True)
            ran = plain.ran
            if plain.status == "running":
                ran = self.bench.clock.wall - plain.began
            assert abs(view.elapsed_s - ran) < 1e-3

    @invariant()
    def exactly_what_runs_has_its_parts(self) -> None:
        running = {n: p for n, p in self.model.items() if p.status == "running"}
        pictures = {n for n, p in running.items() if "pictures" in p.modalities}
        sounds = {n for n, p in running.items() if {"sound", "audio"} & {*p.modalities}}
        assert set(self.bench.houses.open_now) == pictures
        assert set(self.bench.synth.voices) == sounds
        for session, config in self.bench.synth.voices.items():
            assert (config is None) == (session in pictures)


TestPractices = PracticeMachine.TestCase
TestPractices.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
