"""The network: connections, TLS, allowed addresses, and the recorder that sees every byte."""
