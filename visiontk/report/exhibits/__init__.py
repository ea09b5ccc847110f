"""Samples as a report shows them: pictures, texts, sounds."""
