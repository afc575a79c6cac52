"""The published contract kit: what any adapter of a port must do. Adapter authors import it, and so do our own tests."""
