"""Phenix RTS: rooms, members and edge tokens at `/pcast`."""
