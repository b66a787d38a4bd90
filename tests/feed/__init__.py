"""Tests of the feed on a real socket with a real client."""
