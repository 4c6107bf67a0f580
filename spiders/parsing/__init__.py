"""Reading what strangers wrote in limits: small documents here, larger ones in worker processes that can be killed."""
