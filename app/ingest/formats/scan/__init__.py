"""Pictures of several pages, as scanners and fax machines write them."""
