"""What `/asyncapi.json` says of a channel, to hold messages against."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

HERE = Path(__file__).parent
META = json.loads((HERE / "asyncapi" / "3.0.0.json").read_text())


@cache
def meta() -> jsonschema.Draft7Validator:
    """The form of AsyncAPI 3.0 documents."""
    return jsonschema.Draft7Validator(META)


class Described:
    """A document, and what each of its channels may say.

    Args:
        document: as it was served.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        schemas = document["components"]["schemas"]
        self._root = {"components": {"schemas": schemas}}

    def names(self, channel: str, action: str) -> dict[str, str]:
        """Kinds of message (`type`) by way: their schemas' names.

        Args:
            channel: its name.
            action: `send` or `receive`, as seen from the server.
        """
        return {
            said["name"]: said["payload"]["$ref"].rpartition("/")[2]
            for said in self._messages(channel, action)
            if "$ref" in said["payload"]
        }

    def check(self, channel: str, action: str, message: dict[str, Any]) -> str:
        """See that a message is one of the channel's, as described; gives its kind."""
        names = self.names(channel, action)
        kind = str(message.get("type", "SamplesPushed"))
        assert kind in names, f"{channel} does not say {kind}"
        self.fits(names[kind], message)
        return kind

    def fits(self, schema: str, message: object) -> None:
        """See that a message fits a schema, and has no field that is not in it."""
        whole = {"$ref": f"#/components/schemas/{schema}"} | self._root
        jsonschema.Draft7Validator(whole).validate(message)
        if isinstance(message, dict):
            known = self.document["components"]["schemas"][schema]["properties"]
            assert message.keys() <= known.keys()

    def _messages(self, channel: str, action: str) -> list[dict[str, Any]]:
        return [
            self.document["components"]["messages"][said["$ref"].rpartition("/")[2]]
            for operation in self.document["operations"].values()
            if operation["action"] == action
            and operation["channel"]["$ref"] == f"#/channels/{channel}"
            for said in operation["messages"]
        ]
