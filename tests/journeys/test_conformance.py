"""Clients that were written for document 000 run unchanged."""

import base64
import json
import subprocess
import sys

import pytest
import simplejpeg
from websockets.sync.client import connect

from tests.journeys.server import PATIENCE_S, ROOT, Server

CHECK = ROOT.parent / "shared" / "conformance" / "check.py"


@pytest.mark.slow
def test_every_request_of_the_document_is_answered_as_documented(server: Server) -> None:
    if not CHECK.is_file():
        pytest.skip("the conformance checks are not beside the project")
    command = [sys.executable, str(CHECK), "--family", "env"]
    command += ["--base-url", server.base, "--key", server.key]

    done = subprocess.run(  # noqa: S603  # our own check
        command, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout


def test_the_documented_javascript_client_sees_images_without_a_key(
    server: Server,
) -> None:
    session = server.sit()
    url = server.base.replace("http", "ws") + f"/stream/{session['session_id']}"
    assert session["websocket_url"] == url

    with connect(url, max_size=None, open_timeout=PATIENCE_S) as socket:
        # ws.onmessage: if (data.type === 'image') img.src = 'data:…' + data.image_base64
        while (data := json.loads(socket.recv(timeout=PATIENCE_S)))["type"] != "image":
            pass

    image = base64.b64decode(data["image_base64"], validate=True)
    assert simplejpeg.decode_jpeg(image).shape == (128, 128, 3)
    assert data["metadata"]["prompt"]
    assert data["timestamp"] > 0
