"""Every obligation: norms, resources, grades; later agreements, obligations, work, assurance."""
