"""How fast it is: `python -m bench` measures the real server against the least program that gives the same answers, in one run."""
