"""Everything beside the web: consumers, workers, relay, scheduler, indexer, supervisor, doctor, operators' commands."""
