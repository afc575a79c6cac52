"""Several server processes: the parent, and what they tell each other."""
