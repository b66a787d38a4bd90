"""The description of the public API, made from its OpenAPI document."""
