"""All chapters, in the order in which they are shown."""

from typing import Final

from web.describe.operation import Chapter
from web.describe.operators import OPERATORS
from web.describe.practices import PRACTICES
from web.describe.server import HEALTH, PAGES
from web.describe.sittings import PICTURES, SESSIONS, STEPS
from web.describe.sounds import AUDIO, PRESETS

CHAPTERS: Final[tuple[Chapter, ...]] = (
    SESSIONS,
    PICTURES,
    STEPS,
    PRACTICES,
    AUDIO,
    PRESETS,
    HEALTH,
    OPERATORS,
    PAGES,
)
