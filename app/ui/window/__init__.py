"""The main window: menus, panes, dialogs, start pages."""
