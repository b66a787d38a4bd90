"""Who: users, their sessions and their sign-in."""
