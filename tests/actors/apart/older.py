"""A child of another version."""

import os
import socket
import sys

from actors.apart.pipe import Pipe
from actors.apart.words import Hello, write

if __name__ == "__main__":
    pipe = Pipe(socket.socket(fileno=int(sys.argv[1])))
    pipe.send(write(Hello(version="0.0.1", pid=os.getpid())))
    pipe.receive()
