"""Quality of links: who comes back in four ways, among agents, families, office towers and namesakes."""
