"""OneRoster 1.1 and 1.2 over REST: the hub as the provider that vendors pull rosters from."""
