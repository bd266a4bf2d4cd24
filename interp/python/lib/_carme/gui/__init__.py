"""Windows of GUI toolkits: their events are handled between cells and while a cell awaits."""
