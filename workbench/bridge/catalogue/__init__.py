"""What a database consists of, read from its own catalogue."""
