"""The exception for streams that cannot be read."""


class IngestReadError(Exception):
    """A stream cannot be read: invalid protocol or media, a timeout, or no connection. The message is one line."""
