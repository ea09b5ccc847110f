"""Samples as a report shows them: thumbnails, excerpts of texts, spectrograms and clips."""
