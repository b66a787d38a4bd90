"""Servers and programs that the tests run on, one module each."""
