"""Predictions that exist already, of models of any framework: tables and arrays to aligned records."""
