"""What is promised when programs die, servers go away, disks fill up and answers get lost, and how each promise is held to.

Every harness has a twin: a variant that is broken on purpose, which it must find.
"""
