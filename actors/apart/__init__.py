"""Work in a child process: started, timed, killed, replaced, and its arrays shared."""
