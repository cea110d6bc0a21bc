"""One package per vendor API; they do not know one another."""
