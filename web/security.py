"""Headers that keep browsers from doing what nobody meant: on every answer.

Each page brings a content security policy of its own (see `web.shelf`); whatever is no page
may load, run and be framed by nothing at all. Pictures and sounds are made to be shown on
other people's pages (document 000 gives their addresses out), everything else is not.
"""

import re
from typing import Final

from quart import Response, request
from quart_trio import QuartTrio

NOTHING: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Policy of what is no page."""

_UNUSED: Final = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "usb",
)
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": ", ".join(f"{name}=()" for name in _UNUSED),
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": NOTHING,
    "cross-origin-resource-policy": "same-origin",
}
_SHOWN_ELSEWHERE: Final = re.compile(r"/images/|/cdn/|/api/v1/(?:live|audio/file)(?:/|\Z)")


def protect_answers(app: QuartTrio) -> None:
    """Let every answer of `app` bear the headers that it does not bear already."""

    async def protect(response: Response) -> Response:
        if _SHOWN_ELSEWHERE.match(request.path):
            response.headers.setdefault("cross-origin-resource-policy", "cross-origin")
        for name, text in _HEADERS.items():
            response.headers.setdefault(name, text)
        return response

    app.after_request(protect)
