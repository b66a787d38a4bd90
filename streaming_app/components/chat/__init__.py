"""Chat beside a stream: the messages, and the box they are written in."""
