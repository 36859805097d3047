"""Graders made of graders: `not`, `all`, `any` and `weighted`."""
