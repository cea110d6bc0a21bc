"""What rooms are and what may happen in them: plain objects, rules and events. No I/O, no clock, no framework."""
