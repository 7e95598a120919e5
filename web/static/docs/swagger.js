// Shows /openapi.json with Swagger UI. No validator: that would be another host.
// The live page keeps its key for the tab; whoever has it need not type it again.

import { takeKey } from "/static/live/key.js";

const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete() {
    const key = takeKey();
    if (key) ui.preauthorizeApiKey("apiKey", key);
  },
});
