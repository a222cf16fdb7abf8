"""The catalogue: the browse read model by city, fed by events and rebuildable."""
