"""What is seen: files the site makes out of live video."""
