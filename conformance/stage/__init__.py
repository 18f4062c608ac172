"""The suite's own small hub, to which the client of a vendor connects.

calls       what the client sent and what it was answered; waiting for calls
server      HTTP on a local port; keeps every byte of a call
places      the obligation document of each zone, its token, and what was told of it
district    synthetic students, cut down to what a document grants
documents   environment, queue and error as XML
access      who calls: Basic or SIF_HMACSHA256
hub         the routes, and the gate in front of the data
play        what a check does with it all: set a scene, let the client act, look
"""
