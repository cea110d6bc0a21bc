"""Adapters of the media engine port: `embedded` is the packet core in this process."""
