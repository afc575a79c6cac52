"""Storage: one set of tables, one package per database, and a twin in memory that keeps the same promises."""
