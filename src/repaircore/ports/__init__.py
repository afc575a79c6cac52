"""What the core needs from outside: protocols, the values they speak, and five errors."""
