"""Events for tests of the journal that try whatever may happen."""

from hypothesis import strategies as st

from protocols.supervision import (
    ChildEnded,
    ChildGone,
    ChildHeld,
    ChildStarted,
    ChildState,
    ChildStepped,
    OperatorActed,
)
from tests.actors.journal.entries import RUN, row

_paths = st.sampled_from(["root", "root/a", "root/a/b", "root/ab"])
_text = st.text(max_size=30)
events = st.one_of(
    st.builds(
        ChildStepped,
        row=st.builds(
            row, path=_paths, state=st.sampled_from(ChildState), life=st.integers(0, 3)
        ),
    ),
    st.builds(ChildStarted, path=_paths, life=st.integers(1, 3)),
    st.builds(
        ChildEnded, path=_paths, life=st.integers(1, 3), normal=st.booleans(), reason=_text
    ),
    st.builds(ChildHeld, path=_paths, held=st.booleans(), paused=st.booleans()),
    st.builds(ChildGone, path=_paths),
    st.builds(OperatorActed, who=_text, action=_text, path=_text, reason=_text),
    st.just(RUN),
)
"""What may happen, sensible or not."""
