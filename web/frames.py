"""WebSocket frames as a server sends them (RFC 6455, section 5.2): unmasked, never split.

A payload is encoded once and the bytes go to every viewer.
"""

from typing import Final

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
_FINAL: Final = 0x80
_SHORT, _MEDIUM = 126, 1 << 16
REASON_BYTES: Final = 123
"""A control frame holds 125 bytes, two of them the code."""


def frame(opcode: int, payload: bytes) -> bytes:
    """Put the server's header before a payload.

    Args:
        opcode: `TEXT`, `BINARY`, `CLOSE`, `PING` or `PONG`.
        payload: the whole message.

    Returns:
        One complete, final, unmasked frame.
    """
    size = len(payload)
    if size < _SHORT:
        return bytes((_FINAL | opcode, size)) + payload
    if size < _MEDIUM:
        return bytes((_FINAL | opcode, 126)) + size.to_bytes(2) + payload
    return bytes((_FINAL | opcode, 127)) + size.to_bytes(8) + payload


def message(payload: bytes, *, binary: bool) -> bytes:
    """Frame a data message."""
    return frame(BINARY if binary else TEXT, payload)


def closing(code: int, reason: str = "") -> bytes:
    """Frame a close with its code and a reason, cut to what a control frame holds."""
    said = reason.encode()[:REASON_BYTES].decode(errors="ignore").encode()
    return frame(CLOSE, code.to_bytes(2) + said)


def pong(payload: bytes) -> bytes:
    """Frame the answer to a ping."""
    return frame(PONG, payload)


def ping() -> bytes:
    """Frame a question whether the client is there."""
    return frame(PING, b"")
