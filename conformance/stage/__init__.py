"""The suite's own small hub, to which the client or the system of a vendor connects.

calls       what the client sent and what it was answered; waiting for calls
server      HTTP on a local port; keeps every byte of a call
places      the obligation document of each zone, its token, and what was told of it
district    synthetic students, cut down to what a document grants
documents   environment, queue and error as XML
access      who calls: Basic or SIF_HMACSHA256
hub         the routes, and the gate in front of the data
play        what a check does with it all: set a scene, let the client act, look
doors       listens for a whole run and hands every call to the evidence

For publishers, which send their own data:

shelf       the objects that were taken, and what is said to each
trouble     the faults of the hub that a check orders
counter     the routes of this hub; sendings: the objects in its calls
desk        what a check does: let the system act, trouble it, look at what it sent
"""
