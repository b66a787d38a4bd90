"""Programs that look for input that breaks a parser: run by hand, for as long as one likes."""
