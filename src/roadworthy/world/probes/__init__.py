"""Looks at what an agent left behind: databases, files, services, checks in Python."""
