"""What is said: chat messages, their rules and the hub that shows them."""
