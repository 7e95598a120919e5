"""The JavaScript module's own reading, without a server."""

import shutil
import subprocess

import msgspec
import pytest

from tests.journeys.server import ROOT

MODULE = ROOT / "clients" / "javascript" / "phosphene.js"
LIMIT_S = 60.0


def evaluated(code: str, given: bytes) -> object:
    """What an expression over `given` (bytes) is, as JSON."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = f"""
        import * as phosphene from {msgspec.json.encode(str(MODULE)).decode()};
        import {{ readFileSync }} from "node:fs";
        const given = new Uint8Array(readFileSync(0));
        console.log(JSON.stringify({code}));
    """
    done = subprocess.run(  # noqa: S603  # our own words
        [node, "--input-type=module", "-e", script],
        input=given,
        capture_output=True,
        timeout=LIMIT_S,
        check=True,
    )
    found: object = msgspec.json.decode(done.stdout)
    return found


def test_messagepack_is_read_as_it_was_written() -> None:
    values: list[object] = [
        None,
        True,
        False,
        0,
        127,
        128,
        65_535,
        65_536,
        2**32 - 1,
        2**40,
    ]
    values += [-1, -32, -33, -128, -129, -32_769, -(2**40), 0.1, -2.5e300]
    values += ["", "ü" * 20, "x" * 300, "y" * 70_000, list(range(20)), {}]
    values += [{f"k{index}": index for index in range(20)}, [{"a": [1, {"b": None}]}]]

    assert evaluated("phosphene.unpack(given)", msgspec.msgpack.encode(values)) == values


def test_every_form_of_an_error_is_read_alike() -> None:
    forms = [
        {"error": {"code": "C", "message": "M", "details": {"mistakes": [1]}}},
        {"success": False, "error": {"code": "C", "message": "M"}},
        {"code": "C", "message": "M"},
        {"status": "error", "error_code": "C", "message": "M", "details": {}},
    ]
    code = """JSON.parse(new TextDecoder().decode(given)).map((form) => {
        const error = phosphene.apiError(422, JSON.stringify(form), "7");
        return [error.name, error.code, error.reason, error.retryAfter];
    })"""

    read = evaluated(code, msgspec.json.encode(forms))

    assert read == [["InvalidError", "C", "M", 7]] * 4
