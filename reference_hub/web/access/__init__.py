"""How an application comes to a session and to rights: environments, requests for more, tokens."""
