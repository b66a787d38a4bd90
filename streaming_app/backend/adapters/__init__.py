"""The technologies behind the ports: stores, buses, tokens, passwords, nginx."""
