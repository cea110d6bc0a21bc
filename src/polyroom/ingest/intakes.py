"""Starts the workers of ingests."""
