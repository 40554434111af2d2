"""Rules to and from stored JSON; amounts are strings."""
