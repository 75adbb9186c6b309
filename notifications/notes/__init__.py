"""Notes in the app: how their table stores them, and the writes of a note and its bell."""
