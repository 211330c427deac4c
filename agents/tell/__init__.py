"""Whether, when and together with what a revision of an alert is told to an endpoint."""
