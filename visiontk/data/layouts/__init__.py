"""Layouts of files: class folders, tables of files, groups in names, splits by time."""
