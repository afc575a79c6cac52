"""What the files of deploy/ promise, and that a file that breaks a promise is caught."""
