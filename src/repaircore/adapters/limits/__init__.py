"""Where requests are counted: in this process, or on a server that all processes share."""
