"""The page for developers: its operations, examples and error codes."""

import json

from pydantic import TypeAdapter

from streaming_app.backend.api import errors
from streaming_app.backend.api.v1.channels import ChannelResource
from streaming_app.backend.api.v1.error_responses import problem_codes
from streaming_app.backend.api.v1.pages import Page
from streaming_app.backend.api.v1.router import openapi_document
from streaming_app.components.api_reference.document import objects, operations_by_tag

NOT_IN_THE_API = {"reauthentication_needed", "second_step_needed"}
"""Codes of sign-in, which has no operation in the API."""


def test_every_operation_of_the_document_is_on_the_page_once() -> None:
    shown = [(each.method, each.path) for found in operations_by_tag(openapi_document()).values() for each in found]
    documented = [(method.upper(), path) for path, methods in openapi_document()["paths"].items() for method in methods]

    assert sorted(shown) == sorted(documented)


def test_an_operation_has_a_command_and_an_example() -> None:
    [change] = [each for each in operations_by_tag(openapi_document())["channels"] if each.method == "PATCH"]
    [page] = [each for each in operations_by_tag(openapi_document())["channels"] if each.path == "/api/v1/channels"]

    assert change.command.splitlines() == [
        "curl -X PATCH https://HOST/api/v1/channels/ann \\",
        "  -H 'Authorization: Bearer sat_…' \\",
        "  -H 'Content-Type: application/json' \\",
        """  -d '{"title": "Chess at night"}'""",
    ]
    assert (change.scopes, [each.name for each in change.fields]) == (("channel:write",), ["title", "category"])
    assert TypeAdapter(Page[ChannelResource]).validate_python(json.loads(page.example)).items[0].slug == "ann"


def test_a_command_that_sends_a_file_names_its_type() -> None:
    [upload] = [each for each in operations_by_tag(openapi_document())["me"] if each.method == "PUT"]

    assert upload.command.splitlines()[-2:] == ["  -H 'Content-Type: image/png' \\", "  --data-binary @picture.png"]


def test_every_link_to_an_object_has_a_target() -> None:
    named = objects(openapi_document())
    properties = [each for _, fields in named.values() for each in fields]
    for found in operations_by_tag(openapi_document()).values():
        properties += [each for operation in found for each in (*operation.fields, *operation.answers)]

    linked = {each.object_name for each in properties if each.object_name}
    assert linked - set(named) == set()


def test_every_code_of_an_error_is_described() -> None:
    by_error, by_status = errors._STATUS, errors._HTTP_CODES  # pyright: ignore[reportPrivateUsage]
    codes = {code for _, code in by_error.values()} | set(by_status.values())

    assert codes - set(problem_codes()) == NOT_IN_THE_API
