"""From a plan to committed crawls: shards, attempts, manifests, late commits."""
