"""What the tests share: a real server process, real browsers, real clients."""
