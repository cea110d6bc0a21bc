"""The sockets clients hold, one folder per client protocol."""
