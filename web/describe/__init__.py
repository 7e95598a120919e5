"""The API's description: each route as its clients see it, and OpenAPI made of that."""
