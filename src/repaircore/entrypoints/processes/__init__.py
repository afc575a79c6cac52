"""Several server processes on one port: a parent that starts, watches and replaces them, and what they share."""
