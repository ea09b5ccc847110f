"""Checks on data that were read: labels, rare classes, copies, unreadable files."""
