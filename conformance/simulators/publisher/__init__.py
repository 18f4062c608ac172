"""A simulated publisher: a school information system that sends its own data to a hub.

records     the objects of the system, and what the hub knows of each
session     signed HTTP, the environment, rights and addresses
sending     one message, sent until it is settled
posting     objects by POST, PUT and DELETE, and the outcomes of single ones
providing   the entry in the registry, events, answers to requests that the hub hands on
system      what people do: enter, change, delete, restart
"""

from conformance.simulators.publisher.system import Publisher

__all__ = ["Publisher"]
