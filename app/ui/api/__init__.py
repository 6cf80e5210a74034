"""The API for other programs in the window: a switch, the address and the token, and a mark while it is on."""
