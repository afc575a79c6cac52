"""Ways of telling other processes, one module each."""
