"""The application: routes by family, errors in each family's form, headers on all."""

import logging
import secrets
from typing import Final

from quart import Response, request
from quart_trio import QuartTrio
from werkzeug.exceptions import HTTPException

from web.cors import allow_origins
from web.door import Door
from web.errors import JSON, Problem, fitted, rendered
from web.limits import limit_requests
from web.routes.analysis import analysis_routes
from web.routes.asyncapi import asyncapi_routes
from web.routes.audio import audio_routes
from web.routes.devices import device_routes
from web.routes.docs import docs_routes
from web.routes.generate import generate_routes
from web.routes.ingest import ingest_routes
from web.routes.metrics import metrics_routes
from web.routes.ops import ops_routes
from web.routes.pages import page_routes
from web.routes.practice_sessions import practice_routes
from web.routes.sessions import session_routes
from web.routes.sound_presets import preset_routes
from web.routes.vital import vital_routes
from web.security import protect_answers
from web.shelf import Shelf

_LOG: Final = logging.getLogger(__name__)


def create_app(door: Door) -> QuartTrio:
    """Make the application that serves `door` over HTTP."""
    app = QuartTrio(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = door.settings.web.max_body_bytes
    app.config["BODY_TIMEOUT"] = door.limits.body_s
    app.url_map.merge_slashes = False
    shelf = Shelf(door.pages, door.static, door.settings.web.public_url)
    app.register_blueprint(session_routes(door))
    app.register_blueprint(practice_routes(door))
    app.register_blueprint(device_routes(door))
    app.register_blueprint(generate_routes(door))
    app.register_blueprint(ingest_routes(door))
    app.register_blueprint(analysis_routes(door))
    app.register_blueprint(audio_routes(door))
    app.register_blueprint(preset_routes(door))
    app.register_blueprint(vital_routes(door, shelf))
    app.register_blueprint(ops_routes(door))
    app.register_blueprint(metrics_routes(door))
    app.register_blueprint(docs_routes(door, shelf))
    app.register_blueprint(asyncapi_routes(door))
    app.register_blueprint(page_routes(shelf))
    _answer_errors(app, door)
    protect_answers(app)
    allow_origins(app, door.settings.web.origins)
    limit_requests(app, door)
    return app


def _answer_errors(app: QuartTrio, door: Door) -> None:
    def said(found: Problem) -> Response:
        problem = fitted(request.path, found)
        body = rendered(request.path, problem, door.unix())
        return Response(body, problem.status, content_type=JSON, headers=problem.headers)

    @app.errorhandler(Problem)
    async def known(problem: Problem) -> Response:
        return said(problem)

    @app.errorhandler(HTTPException)
    async def of_http(error: HTTPException) -> Response:
        status = error.code or 500
        kept = ("allow", "location", "retry-after")
        headers = {name: text for name, text in error.get_headers() if name.lower() in kept}
        message = error.description or error.name
        return said(Problem(status, message, headers=headers))

    @app.errorhandler(Exception)
    async def unknown(error: Exception) -> Response:
        name = f"err_{secrets.token_hex(6)}"
        _LOG.error("%s: %s %s failed", name, request.method, request.path, exc_info=error)
        details = {"error_id": name}
        return said(Problem(500, "an unexpected error; it is in the log", details=details))
