"""What is looked at before a rulebook is published: its coverage, what it changes, and what it would have meant."""
