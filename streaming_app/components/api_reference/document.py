"""Reads an OpenAPI document: its operations, its objects, and examples of them."""

import json
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
JSON = "application/json"
TOKEN_HEADER = "-H 'Authorization: Bearer sat_…'"  # noqa: S105 - an example
_PLAIN_EXAMPLES: dict[str | None, Any] = {
    "date-time": "2026-11-28T12:00:00Z",
    "boolean": True,
    "integer": 0,
    "number": 0.5,
}


@dataclass(frozen=True, slots=True)
class Property:
    """A parameter, a field of an object, or an answer."""

    name: str
    kind: str
    """Its type in words, such as ``integer`` or ``array of Channel``."""
    text: str
    object_name: str = ""
    """The object that the type names, if any."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    operation_id: str
    method: str
    path: str
    summary: str
    text: str
    scopes: tuple[str, ...]
    needs_token: bool
    parameters: tuple[Property, ...]
    fields: tuple[Property, ...]
    """The fields of the request's body."""
    answers: tuple[Property, ...]
    """Each status as a name, with its object and its text."""
    command: str
    """A request with curl."""
    example: str
    """The JSON of a successful answer; empty if it has no content."""


def operations_by_tag(document: Schema) -> dict[str, list[Operation]]:
    """Return the operations by tag, in the order of the document's tags."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_operation(document, path, method, operation))
    return found


def objects(document: Schema) -> dict[str, tuple[str, list[Property]]]:
    """Return the text and the fields of each object, sorted by name. The text of an enumeration lists its values."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    return {name: (_text(schema), _properties(schema)) for name, schema in sorted(schemas.items())}


def _operation(document: Schema, path: str, method: str, operation: Schema) -> Operation:
    bodies: Schema = operation.get("requestBody", {}).get("content", {})
    body = _resolved(document, bodies.get(JSON, {}).get("schema", {}))
    security: list[dict[str, list[str]]] = operation.get("security", [])
    success = next(answer for status, answer in operation["responses"].items() if status in {"201", "200", "204"})
    content: Schema = success.get("content", {}).get(JSON, {}).get("schema", {})
    return Operation(
        operation_id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation["description"],
        scopes=tuple(scope for requirement in security for scope in requirement.get("token", [])),
        needs_token=bool(security),
        parameters=tuple(_parameter(each) for each in operation.get("parameters", [])),
        fields=tuple(_properties(body)),
        answers=tuple(_answer(status, answer) for status, answer in operation["responses"].items()),
        command=_command(document, path, method, operation, bodies),
        example=json.dumps(_example(document, content), indent=2, ensure_ascii=False) if content else "",
    )


def _command(document: Schema, path: str, method: str, operation: Schema, bodies: Schema) -> str:
    for each in operation.get("parameters", []):
        if each["in"] == "path":
            example = (each["schema"].get("examples") or [each["name"].upper()])[0]
            path = path.replace("{" + each["name"] + "}", example)
    parts = [f"curl https://HOST{path}" if method == "get" else f"curl -X {method.upper()} https://HOST{path}"]
    if operation.get("security"):
        parts.append(TOKEN_HEADER)
    if bodies:
        media_type, body = next(iter(bodies.items()))
        content = json.dumps(_example(document, body["schema"])) if media_type == JSON else ""
        parts.append(f"-H 'Content-Type: {media_type}'")
        parts.append(f"-d '{content}'" if content else f"--data-binary @picture.{media_type.rpartition('/')[2]}")
    return " \\\n  ".join(parts)


def _parameter(parameter: Schema) -> Property:
    place = "" if parameter["in"] == "query" else f", in the {parameter['in']}"
    return Property(parameter["name"], _kind(parameter["schema"]) + place, parameter.get("description", ""))


def _answer(status: str, answer: Schema) -> Property:
    contents: list[Schema] = list(answer.get("content", {}).values())
    schema: Schema = contents[0]["schema"] if contents else {}
    text = str(answer["description"]).replace("Successful Response", "The request succeeded.")
    return Property(status, _kind(schema) if schema else "no content", text, _object_name(schema))


def _properties(schema: Schema) -> list[Property]:
    fields: dict[str, Schema] = schema.get("properties", {})
    return [
        Property(name, _kind(field), field.get("description", ""), _object_name(field))
        for name, field in fields.items()
    ]


def _kind(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "$ref" in schema:
        return _object_name(schema)
    if schema.get("type") == "array":
        return f"array of {_kind(schema['items'])}"
    return "time" if schema.get("format") == "date-time" else str(schema.get("type", "any"))


def _object_name(schema: Schema) -> str:
    for inner in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
        if "$ref" in inner:
            return str(inner["$ref"]).rpartition("/")[2]
    return ""


def _text(schema: Schema) -> str:
    values = ", ".join(f"`{value}`" for value in schema.get("enum", []))
    text = str(schema.get("description", "")).partition("\n\n")[0]
    return f"{text} Values: {values}." if values else text


def _resolved(document: Schema, schema: Schema) -> Schema:
    return document["components"]["schemas"][_object_name(schema)] if "$ref" in schema else schema


def _example(document: Schema, schema: Schema) -> Any:
    schema = _resolved(document, schema)
    if given := schema.get("examples") or schema.get("enum"):
        return given[0]
    if "anyOf" in schema:
        return _example(document, schema["anyOf"][0])
    if "properties" in schema:
        return {name: _example(document, field) for name, field in schema["properties"].items()}
    if "items" in schema:
        return [_example(document, schema["items"])]
    return _PLAIN_EXAMPLES.get(schema.get("format") or schema.get("type"), "")
