"""Fuzzers: programs that search for input on which a parser fails. Run by hand."""
