"""What the site does in numbers: how far behind its encoder it is seen, and how many viewers it holds."""
