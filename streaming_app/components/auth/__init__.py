"""The frame and the fields of the account forms."""
