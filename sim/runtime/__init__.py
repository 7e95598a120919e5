"""The virtual runtime: the same actors on one thread, in virtual time, by one seed."""
