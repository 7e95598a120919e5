"""A practice from its making to its end, and what the server says of it meanwhile.

python practice.py [http://127.0.0.1:8008] [seconds]
"""

import sys

from phosphene.client import Phosphene, PracticeWish
from protocols.live import EventTold

base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8008"
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0  # noqa: PLR2004

with Phosphene(base) as phosphene, phosphene.live(topics=["domain_event"]) as live:
    next(live)  # it is connected: nothing is missed from here on
    wish = PracticeWish(name="Evening", duration=seconds, intention="peace", frequency=432)
    practice = phosphene.practices.create(wish)
    print(f"{practice.id} {practice.status}")
    phosphene.practices.start(practice.id)

    for message in live:
        if not isinstance(message, EventTold):
            continue
        if message.payload.get("session_id") != practice.id:
            continue
        print(message.event_name)
        if message.event_name == "SESSION_COMPLETED":
            break

    over = phosphene.practices.status(practice.id)
    print(f"{over.status} after {over.elapsed:g} s")
    print(phosphene.practices.delete(practice.id).message)
