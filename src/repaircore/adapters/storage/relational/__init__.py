"""What databases that speak SQL have in common: repositories that read rows by named statements and gather writes as data."""
