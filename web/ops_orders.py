"""Operators' orders: read strictly, carried out by the tree, answered with what became."""

from functools import partial
from typing import Any, Final

import trio
from quart import request

from protocols.keys import KeyHolder
from protocols.operators import Action, OperatorOrder, Operators
from protocols.supervision import ChildRow
from web.answers import body_object
from web.ask import NoAnswerError, answer_of
from web.door import Door
from web.errors import Problem
from web.fields import Fields
from web.ops_wire import nearest

REASON_LENGTH: Final = 500


async def read_order(
    door: Door, path: str, action: str, holder: KeyHolder
) -> OperatorOrder:
    """Read the present request as an order.

    Args:
        door: with the limit of time.
        path: of the child.
        action: what is to be done to it.
        holder: who wants it.

    Raises:
        Problem: 400 without a reason, 404 for an action that there is not.
    """
    known = next((one for one in Action if one == action), None)
    if known is None:
        allowed = [str(one) for one in Action]
        raise Problem(
            404,
            f"an actor cannot be told to {action[:50]!r}; allowed: {', '.join(allowed)}",
            details={"action": action[:50], "allowed": allowed},
        )
    return OperatorOrder(
        path=path,
        action=known,
        reason=_reason(await _body(door)),
        who=f"{holder.name} ({holder.id})",
    )


async def carry_out(door: Door, order: OperatorOrder) -> ChildRow:
    """Have an order carried out.

    Args:
        door: with who does it, and the limit of time.
        order: what.

    Raises:
        Problem: 404 for an unknown path, 409 for an order that makes no sense, 503 when
            no answer came in time (it may still be carried out).
    """
    try:
        row = await answer_of(
            partial(door.operators.act, order),
            f"the order to {order.action}",
            timeout_s=door.limits.answer_s,
            passed=(KeyError, ValueError),
        )
    except KeyError as error:
        raise await unknown_path(door.operators, order.path) from error
    except ValueError as error:
        details = {"path": order.path, "action": str(order.action)}
        raise Problem(409, str(error), details=details) from error
    except NoAnswerError as error:
        said = f"{error}; if it was taken, the journal will tell"
        retry = str(max(1, round(error.retry_after_s)))
        raise Problem(503, said, headers={"retry-after": retry}) from error
    assert isinstance(row, ChildRow)  # noqa: S101  # what `Operators.act` promises
    return row


async def unknown_path(operators: Operators, path: str) -> Problem:
    """Say that there is no such actor, and which there is."""
    near = await trio.to_thread.run_sync(lambda: nearest(path, operators.tree()))
    hint = f"; did you mean {near}?" if near else ""
    return Problem(
        404,
        f"there is no actor {path[:200]}{hint}",
        details={"path": path[:200], "nearest": near},
    )


async def _body(door: Door) -> dict[str, Any]:
    if not request.content_type and not request.content_length:
        return {}
    return await body_object(door)


def _reason(body: dict[str, Any]) -> str:
    fields = Fields(body)
    reason = fields.text("reason", high=REASON_LENGTH)
    if reason.isspace():
        fields.wrong("reason", "more than spaces")
    try:
        fields.finish()
    except Problem as problem:
        code, details = problem.code, problem.details
        raise Problem(400, problem.message, code=code, details=details) from problem
    return reason
