"""The delivery worker: claims messages, delivers, settles."""
