"""What must be true of a whole database."""
