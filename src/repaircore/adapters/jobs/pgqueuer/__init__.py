"""pgqueuer on PostgreSQL: our row is the truth about a job, and the engine carries its number to a worker."""
