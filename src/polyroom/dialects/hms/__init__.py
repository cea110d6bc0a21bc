"""100ms: rooms, templates, room codes and active rooms at `/100ms/v2` and `/100ms/sdk/v2`."""
