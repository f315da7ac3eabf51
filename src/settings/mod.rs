//! What the user writes, layered and checked for itself, turned into what the program uses.
