"""From a YAML file to indicators: `yamlfile` reads marks and texts, `reading` fields, `checking` the whole."""
