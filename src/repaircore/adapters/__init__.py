"""The outside: one package per port, one module or package per provider in it."""
