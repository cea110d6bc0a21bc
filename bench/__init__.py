"""Measurements: each prints ratios of things measured in one run, never numbers to compare across machines."""
