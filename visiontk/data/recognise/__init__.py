"""What a folder or table of the user's own is: kind of files, labels, groups, split."""
