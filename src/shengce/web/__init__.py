"""Web: base template, navigation, my day, cockpit, search page, player, charts, static files."""
