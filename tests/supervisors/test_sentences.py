import math
from typing import get_args

import pytest

from protocols.supervision import (
    ChildEnded,
    ChildHung,
    ChildStepped,
    Exit,
    LettersLost,
    LifeEvent,
    OperatorActed,
    RestartSpent,
    RunBegan,
    SupervisorChanged,
    TreeSnapshot,
)
from supervisors.sentences import _FORMS, detail, sentence
from tests.actors.journal.entries import row

END = ChildEnded(
    path="root/a",
    life=3,
    normal=False,
    reason="ValueError('x')\n  at y",
    exit=Exit.ABNORMAL,
    during="Tick",
    trace="Traceback …",
)


def test_every_event_has_its_sentence() -> None:
    assert set(_FORMS) == set(get_args(LifeEvent))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (END, "root/a (life 3) ended abnormal: ValueError('x') at y (in Tick)"),
        (ChildStepped(row=row("root/a")), "root/a (life 1) is starting"),
        (
            RestartSpent(
                path="root", child="a", spent=2, of=3, within_s=math.inf, wait_s=0.05
            ),
            "root makes the end of a good: 2 of 3 restarts in inf s, the next in 0.05 s",
        ),
        (
            SupervisorChanged(path="root", before={"of": 3}, after={"of": 5, "x": "y"}),
            "root has other flags: of 3 -> of 5, x y",
        ),
        (
            RunBegan(run="r1", version="1.0", pid=7, settings={"web.port": "0"}),
            "run r1 of phosphene 1.0 begins in process 7, with web.port 0",
        ),
        (
            LettersLost(edge="a>b", reason="full", message="Tick", count=3),
            "3 Tick lost on a>b: full",
        ),
        (
            OperatorActed(who="ann", action="stop", path="root/a", reason=""),
            "ann orders: stop root/a",
        ),
        (TreeSnapshot(rows=(row("a"), row("b"))), "the tree at this point: 2 rows"),
    ],
)
def test_a_sentence_is_one_line_and_leaves_out_what_is_empty(
    event: LifeEvent, told: str
) -> None:
    assert sentence(event) == told


def test_braces_in_a_reason_are_only_text() -> None:
    odd = OperatorActed(who="{who}", action="{0}", path="{", reason="}{")

    assert sentence(odd) == "{who} orders: {0} {: }{"


def test_tracebacks_and_stacks_are_the_detail() -> None:
    hung = ChildHung(path="root/a", life=1, during="Tick", for_s=5.0, stack="File …")

    assert detail(END) == "Traceback …"
    assert detail(hung) == "File …"
    assert detail(ChildStepped(row=row("root/a"))) == ""
