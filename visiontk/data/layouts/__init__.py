"""Where files lie and what that says of them: class folders, tables of files, groups in names, order in time."""
