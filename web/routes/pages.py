"""The pages and what they load. No key: a page asks for one itself.

GET /live              the live page
GET /ops               the operators' page
GET /static/<path>     its modules, styles and pictures
"""

from quart import Blueprint, Response

from web.shelf import Shelf


def page_routes(shelf: Shelf) -> Blueprint:
    """Routes that serve the pages of `shelf`."""
    routes = Blueprint("pages", __name__)

    @routes.get("/live")
    async def live() -> Response:
        return shelf.page("live.html")

    @routes.get("/ops")
    async def ops() -> Response:
        return shelf.page("ops.html")

    @routes.get("/static/<path:name>")
    async def static(name: str) -> Response:
        return shelf.static(name)

    return routes
