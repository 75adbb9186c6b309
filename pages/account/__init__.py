"""Signing up and in, the profile, the second factor, export and erasure."""
