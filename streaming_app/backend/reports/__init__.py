"""Reports by viewers about messages, streams and users, and what the staff does about them."""
