"""The tests, on real servers."""
