"""Reading untrusted documents within limits: small ones here, larger ones in worker processes that can be killed."""
