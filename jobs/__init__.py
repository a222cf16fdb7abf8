"""Everything that runs beside the web: consumers, workers, relay, scheduler, indexer, supervisor, operators' commands."""
