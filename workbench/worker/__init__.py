"""The child process that owns everything which runs the project's code, and the pipe to it."""
