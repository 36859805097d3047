"""Grading stored trials again, without running the agent."""
