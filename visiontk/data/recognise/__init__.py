"""Recognition of a folder or table of the user: kind of files, labels, groups, split."""
