"""From deliveries to endpoints."""
