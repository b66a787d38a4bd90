"""Export and deletion of everything that belongs to an account."""
