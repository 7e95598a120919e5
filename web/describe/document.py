"""OpenAPI 3.1, made of the chapters. Pure; milliseconds, so make it once.

What holds everywhere is said here and in no chapter: who may call, the form of errors, the
headers of limits, what a body that is no JSON gets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from config.version import VERSION
from web.describe.operation import JSON, Access, Chapter, Operation, Param, Said
from web.describe.schema import TIME, Schema, anything, exactly, obj, text
from web.errors import Family, Problem, envelope, family_of, fitted

_REF: Final = "#/components/schemas/{name}"
_SECURITY: Final[Mapping[Access, list[dict[str, list[str]]]]] = {
    Access.OPEN: [],
    Access.KEY: [{"bearer": []}, {"apiKey": []}],
    Access.LOCAL: [{}, {"bearer": []}, {"apiKey": []}],
    Access.OPERATOR: [{"operator": []}, {"operatorKey": []}],
}
_ACCESS: Final = {Access.KEY: (401,), Access.LOCAL: (401,), Access.OPERATOR: (401, 403)}
_BODY: Final = (400, 408, 413, 415, 422)
_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key: `phos_…`"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "An operator's key: `phosphene keys create --operator`",
    },
    "operatorKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_DETAILS: Final = anything(
    "What helps to do it right: `mistakes`, `allowed`, `limit_bytes`"
)
_CODE: Final = text("For a program", pattern="^[A-Z][A-Z0-9_]*$")
_MESSAGE: Final = text("For a person", low=1)
_INNER: Final = {"message": _MESSAGE, "code": _CODE}
_ENVELOPES: Final = {
    Family.ENV: obj({"error": obj({**_INNER, "details": _DETAILS})}),
    Family.LIBRARY: obj(
        {"success": exactly(value=False), "error": obj({**_INNER, "details?": _DETAILS})}
    ),
    Family.MARKET: obj({**_INNER, "details?": _DETAILS}),
    Family.VAJRA: obj(
        {
            "status": exactly("error"),
            "error_code": _CODE,
            "message": _MESSAGE,
            "details": _DETAILS,
            "timestamp": TIME,
        }
    ),
}
_LIMIT_HEADERS: Final = {
    "X-RateLimit-Limit": "Requests that an address may make in a minute",
    "X-RateLimit-Remaining": "How many of them are left",
    "X-RateLimit-Reset": "Seconds since 1970: then all of them are there again",
    "RateLimit": "What is left (`r`) and in how many seconds there is more (`t`)",
    "RateLimit-Policy": "So many requests (`q`) in so many seconds (`w`)",
}
_WHOLE: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_ABOUT: Final = """\
Brain signals go in, pictures and sound come out.

A key is sent as `Authorization: Bearer KEY` or `X-API-Key: KEY`, wherever one is needed.
Errors bear the form of the document that a path is from. What streams is not described
here: `/ws`, `/stream/{session_id}`, `/ops/stream` and the sounds' streams are WebSockets,
see `/asyncapi.json`.
"""


def openapi(chapters: Sequence[Chapter], server: str = "/") -> dict[str, Any]:
    """Describe the routes.

    Args:
        chapters: in the order in which they are shown.
        server: address that clients use.
    """
    structs, schemas = _components(chapters)
    paths: dict[str, dict[str, Any]] = {}
    for chapter in chapters:
        for one in chapter.operations:
            made = _operation(chapter.name, one, structs)
            paths.setdefault(one.path, {})[one.method.lower()] = made
    for family in Family:
        schemas[_envelope_name(family)] = _ENVELOPES[family]
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "Phosphene",
            "version": VERSION,
            "summary": "Live neuro-art",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": one.name, "description": one.about} for one in chapters],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }


def errors_of(operation: Operation) -> tuple[int, ...]:
    """Every status of an error that an operation may answer with."""
    found = {*operation.errors, *_ACCESS.get(operation.access, ()), 503}
    if operation.access is not Access.OPEN:
        found.add(504)  # whoever checks the key may be silent
    if operation.body is not None:
        found.update(_BODY)
    if is_limited(operation.path):
        found.add(429)
    return tuple(sorted(found))


def is_limited(path: str) -> bool:
    """Whether the address's limit counts requests for a path: see `web.limits`."""
    return path.startswith("/api/v1/") and family_of(path) is Family.VAJRA


def _operation(
    tag: str, one: Operation, structs: Mapping[type, dict[str, Any]]
) -> dict[str, Any]:
    limited = is_limited(one.path)
    answers = {
        str(status): _success(said, structs, limited=limited)
        for status, said in one.said.items()
    }
    answers |= {
        str(status): _failure(one, status)
        for status in errors_of(one)
        if str(status) not in answers
    }
    made: dict[str, Any] = {
        "tags": [tag],
        "operationId": one.name,
        "summary": one.summary,
        "security": _SECURITY[one.access],
        "responses": answers,
    }
    codes = f"Error codes: {', '.join(f'`{code}`' for code in one.codes)}."
    about = "\n\n".join(filter(None, [one.about, codes if one.codes else ""]))
    made |= {"description": about} if about else {}
    made |= {"parameters": [_param(param) for param in one.params]} if one.params else {}
    if one.body is not None:
        content: dict[str, Any] = {
            JSON: {
                "schema": _resolved(one.body.schema, structs),
                "examples": {
                    name: {"value": value} for name, value in one.body.examples.items()
                },
            }
        }
        content |= {kind: {"schema": schema} for kind, schema in one.body.others.items()}
        made["requestBody"] = {"required": one.body.required, "content": content}
    return made


def _param(param: Param) -> dict[str, Any]:
    made = {
        "name": param.name,
        "in": param.where,
        "required": param.required,
        "description": param.about,
        "schema": param.schema,
    }
    return made | ({} if param.example is None else {"example": param.example})


def _success(
    said: Said, structs: Mapping[type, dict[str, Any]], *, limited: bool
) -> dict[str, Any]:
    headers = _headers(said.headers) | (_headers(_LIMIT_HEADERS) if limited else {})
    made: dict[str, Any] = {"description": said.about}
    made |= {"headers": headers} if headers else {}
    if said.schema is not None:
        content: dict[str, Any] = {"schema": _resolved(said.schema, structs)}
        content |= {} if said.example is None else {"example": said.example}
        made["content"] = {said.kind: content}
    return made


def _failure(one: Operation, status: int) -> dict[str, Any]:
    family = family_of(one.path)
    phrase = HTTPStatus(status).phrase
    problem = fitted(one.path, Problem(status, phrase.lower()))
    headers: dict[str, str] = {}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers = {"Retry-After": "Seconds to wait", **_LIMIT_HEADERS}
    made: dict[str, Any] = {"description": phrase}
    made |= {"headers": _headers(headers)} if headers else {}
    made["content"] = {
        JSON: {
            "schema": {"$ref": _REF.format(name=_envelope_name(family))},
            "example": envelope(family, problem, 1_705_314_600.0),
        }
    }
    return made


def _headers(told: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {
            "description": about,
            "schema": {"type": "integer" if name in _WHOLE else "string"},
        }
        for name, about in told.items()
    }


def _envelope_name(family: Family) -> str:
    return f"Error{family.value}"


# -- messages as components ---------------------------------------------------------------


def _components(
    chapters: Sequence[Chapter],
) -> tuple[dict[type, dict[str, Any]], dict[str, Any]]:
    kinds = list(dict.fromkeys(_structs(_schemas(chapters))))
    refs, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    return dict(zip(kinds, refs, strict=True)), dict(components)


def _schemas(chapters: Sequence[Chapter]) -> Iterator[Schema]:
    for chapter in chapters:
        for one in chapter.operations:
            yield from (
                said.schema for said in one.said.values() if said.schema is not None
            )
            if one.body is not None:
                yield one.body.schema


def _structs(schemas: Iterable[Any]) -> Iterator[type]:
    for schema in schemas:
        if isinstance(schema, type):
            yield schema
        elif isinstance(schema, dict):
            yield from _structs(schema.values())
        elif isinstance(schema, list):
            yield from _structs(schema)


def _resolved(schema: Any, structs: Mapping[type, dict[str, Any]]) -> Any:  # noqa: ANN401  # a schema's parts are of any type
    if isinstance(schema, type):
        return structs[schema]
    if isinstance(schema, dict):
        return {name: _resolved(part, structs) for name, part in schema.items()}
    if isinstance(schema, list):
        return [_resolved(part, structs) for part in schema]
    return schema
