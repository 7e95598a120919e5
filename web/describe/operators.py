"""What operators see and may order."""

from typing import Final

from protocols.operators import Action, EdgeDepth, Events
from web.describe.operation import Access, Body, Chapter, Operation, Param, Said
from web.describe.schema import choice, listed, obj, text, whole
from web.ops_wire import ActorSeen, ActorsSeen, ChildOrdered, TreeSeen, ZombiesSeen

_PATH: Final = Param(
    name="path",
    schema={"type": "string", "minLength": 1},
    about="In the tree; it has slashes: `root/library`",
    example="root/library",
    where="path",
    required=True,
)
_HIGHEST: Final = 10**15


def _seen(path: str, name: str, summary: str, said: Said, *more: int) -> Operation:
    return Operation(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        access=Access.OPERATOR,
        params=(_PATH,) if "{path}" in path else (),
        said={200: said},
        errors=more,
    )


OPERATORS: Final = Chapter(
    name="Operators",
    about="The tree of parts, its journal, and orders. All need an operator's key; the same"
    " is told as it happens by `WS /ops/stream`.",
    operations=(
        Operation(
            method="GET",
            path="/ops/tree",
            name="getTree",
            summary="The tree as it is, or as it was",
            access=Access.OPERATOR,
            params=(
                Param(
                    name="at",
                    schema=whole(low=0, high=_HIGHEST),
                    about="Number of an entry of the journal: the tree after it",
                ),
            ),
            said={200: Said(about="Its rows, parents first", schema=TreeSeen)},
            errors=(404, 422),
        ),
        _seen(
            "/ops/actors",
            "listActors",
            "Every actor with its figures",
            Said(about="By path", schema=ActorsSeen),
        ),
        _seen(
            "/ops/actors/{path}",
            "getActor",
            "One actor, with how long its messages took",
            Said(about="As it is now", schema=ActorSeen),
            404,
        ),
        _seen(
            "/ops/zombies",
            "listZombies",
            "Threads that hang and were replaced",
            Said(about="With their stacks", schema=ZombiesSeen),
        ),
        _seen(
            "/ops/edges",
            "listEdges",
            "Every edge's books: came = taken + dropped + queued",
            Said(about="By name", schema=obj({"edges": listed(EdgeDepth)})),
        ),
        Operation(
            method="GET",
            path="/ops/events",
            name="listEvents",
            summary="The journal, from an entry on",
            access=Access.OPERATOR,
            params=(
                Param(
                    name="since",
                    schema=whole(low=0, high=_HIGHEST, default=0),
                    about="Entries after this number",
                ),
                Param(
                    name="limit",
                    schema=whole(low=1, high=1000, default=200),
                    about="So many at most",
                ),
            ),
            said={200: Said(about="In order", schema=Events)},
            errors=(422,),
        ),
        Operation(
            method="POST",
            path="/ops/actors/{path}/{action}",
            name="orderActor",
            summary="Give an order to a part",
            access=Access.OPERATOR,
            params=(
                _PATH,
                Param(
                    name="action",
                    schema=choice(*[str(one) for one in Action]),
                    about="What is to be done",
                    example="restart",
                    where="path",
                    required=True,
                ),
            ),
            body=Body(
                schema=obj({"reason": text("For the journal", low=1, high=500)}),
                examples={"restart": {"reason": "it has grown too large"}},
            ),
            said={200: Said(about="What became of it", schema=ChildOrdered)},
            errors=(404, 405, 409),
        ),
        Operation(
            method="GET",
            path="/metrics",
            name="getMetrics",
            summary="Figures for Prometheus",
            access=Access.OPERATOR,
            said={
                200: Said(
                    about="In the form that `Accept` asks for",
                    schema=text(),
                    kind="text/plain; version=0.0.4; charset=utf-8",
                )
            },
        ),
    ),
)
