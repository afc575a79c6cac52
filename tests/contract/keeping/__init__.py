"""What is promised of backups, restores and copies, on every database."""
