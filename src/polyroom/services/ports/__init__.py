"""The small Protocols the use cases need of the outside world."""
