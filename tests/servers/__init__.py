"""Real servers for tests, from wheels: shared ones for a run of the suite, and others that a test stops, starts and kills as it likes.

Nothing is started before a test asks for it, and nothing outlives the run. A server that cannot be started fails the tests that need it.
"""
