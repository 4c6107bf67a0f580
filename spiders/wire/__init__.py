"""The network: connections, TLS, allowed addresses, and the recorder of every byte."""
