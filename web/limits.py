"""How much a client may ask for: 429 for more, and headers that say what is left.

Document 003 allows an address 100 requests a minute, of which 10 may generate audio. What
counts is `/api/v1/…` of that document. Pages, static files, health, statistics, figures,
the operators' routes, the description of the API, document 000 and streams do not count:
whoever watches a server must not be shut out by it, and a viewer is no request.

Every rule is looked at before any is charged, within one step of the door's one thread: a
request that one rule refuses costs nothing by another, and a hundred at once get a hundred
different remainders. A request that is refused costs nothing.

Every answer that counts bears
- `X-RateLimit-Limit`, `-Remaining`, `-Reset` (seconds since 1970: then the whole limit is
  there again, if nothing is asked before), of the rule that leaves least;
- `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), of every
  rule that it counts by: `q` in `w` seconds; `r` are left, in `t` seconds there are more;
- a refusal also `Retry-After`: then it will be allowed, if nothing else is asked before.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from quart import Request, Response, g, request
from quart_trio import QuartTrio

from config.schema import RateLimits
from web.allowance import Allowance, Standing
from web.door import Door
from web.errors import Family, Problem, family_of
from web.peers import Peers, one_client

MINUTE_S: Final = 60.0
_GENERATE: Final = "/api/v1/audio/generate"


class Rule(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One limit."""

    name: str
    """As the headers have it."""

    allowance: Allowance
    """From which a request takes what it costs."""

    cost: Callable[[Request], int]
    """Of a request; 0: it does not count."""

    client: Callable[[Request], str]
    """Who asks: an address, a key."""


class Limiter:
    """Applies rules to requests; in the Trio thread.

    Args:
        rules: the wider ones first.
        door: of whose clock.
    """

    def __init__(self, rules: Sequence[Rule], door: Door) -> None:
        self._rules = rules
        self._door = door

    def check(self, asked: Request) -> tuple[dict[str, str], Problem | None]:
        """Count a request, or refuse it.

        Returns:
            The headers that its answer must bear, none if it does not count, and the
            refusal (429), if it is refused.
        """
        now = self._door.clock.now()
        counted = [
            (rule, rule.client(asked), cost)
            for rule in self._rules
            if (cost := rule.cost(asked))
        ]
        found = [(rule, rule.allowance.look(who, now, cost)) for rule, who, cost in counted]
        if all(standing.is_allowed for _, standing in found):
            found = [
                (rule, rule.allowance.take(who, now, cost)) for rule, who, cost in counted
            ]
        refusing = [pair for pair in found if not pair[1].is_allowed]
        problem = None if not refusing else _refusal(refusing)
        return self._headers(found, now) if found else {}, problem

    def _headers(
        self, found: Sequence[tuple[Rule, Standing]], now: float
    ) -> dict[str, str]:
        rule, tightest = min(
            found, key=lambda pair: (pair[1].is_allowed, pair[1].remaining, -pair[1].more_s)
        )
        whole_at = self._door.clock.unix(now + tightest.whole_s)
        return {
            "x-ratelimit-limit": str(rule.allowance.quota),
            "x-ratelimit-remaining": str(tightest.remaining),
            "x-ratelimit-reset": str(math.ceil(whole_at)),
            "ratelimit-policy": ", ".join(
                f'"{one.name}";q={one.allowance.quota};w={one.allowance.span_s:.0f}'
                for one, _ in found
            ),
            "ratelimit": ", ".join(
                f'"{one.name}";r={standing.remaining};t={math.ceil(standing.more_s)}'
                for one, standing in found
            ),
        }


def rules_of(limits: RateLimits, peers: Peers) -> list[Rule]:
    """The rules that the settings ask for."""

    def address(asked: Request) -> str:
        forwarded = ",".join(asked.headers.getlist("X-Forwarded-For"))
        return one_client(peers.client(asked.remote_addr or "", forwarded))

    wanted = (
        ("requests", limits.requests_a_minute, _of_003),
        ("generations", limits.generations_a_minute, _of_sound),
    )
    return [
        Rule(name=name, allowance=Allowance(quota, MINUTE_S), cost=cost, client=address)
        for name, quota, cost in wanted
        if quota
    ]


def limit_requests(app: QuartTrio, door: Door) -> None:
    """Let `app` answer no more than the settings allow."""
    settings = door.settings
    rules = rules_of(settings.limits, Peers(settings.web.trusted_proxies))
    limiter = Limiter(rules, door)

    async def count() -> None:
        g.limit_headers, problem = limiter.check(request)
        if problem is not None:
            raise problem

    async def say_so(response: Response) -> Response:
        response.headers.update(g.get("limit_headers", {}))
        return response

    app.before_request(count)
    app.after_request(say_so)


def _of_003(asked: Request) -> int:
    return int(asked.path.startswith("/api/v1/") and family_of(asked.path) is Family.VAJRA)


def _of_sound(asked: Request) -> int:
    return int(asked.method == "POST" and asked.path.rstrip("/") == _GENERATE)


def _refusal(refusing: Sequence[tuple[Rule, Standing]]) -> Problem:
    rule, standing = max(refusing, key=lambda pair: pair[1].more_s)
    quota, span_s = rule.allowance.quota, rule.allowance.span_s
    retry_s = max(1, math.ceil(standing.more_s))
    return Problem(
        429,
        f"at most {quota} {rule.name} in {span_s:.0f} s; try again in {retry_s} s",
        details={
            "limit": quota,
            "window_seconds": span_s,
            "counted": rule.name,
            "retry_after_seconds": retry_s,
        },
        headers={"retry-after": str(retry_s)},
    )
