"""Figures for Prometheus. Needs an operator's key.

GET /metrics     the text format, or OpenMetrics for who asks for it

In Prometheus' configuration:

    scrape_configs:
      - job_name: phosphene
        authorization: {credentials_file: /path/of/a/file/with/the/key}
        static_configs: [{targets: ["127.0.0.1:8008"]}]
"""

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from quart import Blueprint, Response, request

from web.auth import operator
from web.door import Door
from web.figures import Figures
from web.readers import Reader

if TYPE_CHECKING:
    from web.ops_metrics import Metrics


def metrics_routes(door: Door) -> Blueprint:
    """The route that Prometheus scrapes."""
    routes = Blueprint("metrics", __name__)
    # One at a time: what grew is counted between one scrape and the next.
    reader = Reader(door, threads=1)
    made: list[Metrics] = []

    def write(accept: str, figures: Figures) -> tuple[bytes, str]:
        if not made:
            # 0.1 s, which a server that nobody scrapes need not spend.
            from web.ops_metrics import Metrics  # noqa: PLC0415

            made.append(Metrics(door.operators, door.books))
        return made[0].write(accept, figures)

    @routes.get("/metrics")
    async def metrics() -> Response:
        await operator(door)
        accept = request.headers.get("Accept", "")
        # A copy, taken here: they are written in this thread.
        figures = replace(door.figures, closes=Counter(door.figures.closes))
        body, kind = await reader.read(partial(write, accept, figures))
        response = Response(body, content_type=kind)
        response.headers["cache-control"] = "no-store"
        return response

    return routes
