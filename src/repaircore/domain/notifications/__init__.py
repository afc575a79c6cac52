"""How the shop speaks to people."""
