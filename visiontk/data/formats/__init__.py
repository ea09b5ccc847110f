"""One file format each: bytes to values, with limits before memory is asked for."""
