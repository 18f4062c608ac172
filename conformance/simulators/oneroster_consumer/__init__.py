"""A simulated OneRoster client: a product that pulls rosters, the conforming one and mutants.

link        HTTP with an access token; tries again as it is told
paging      from page to page to the end of a collection
papers      the obligation document: read, judged, acknowledged
store       what was read, and the export that shows it
client      one synchronisation: whole or what changed, all or nothing for each collection
"""

from conformance.simulators.oneroster_consumer.client import RosterClient

__all__ = ["RosterClient"]
