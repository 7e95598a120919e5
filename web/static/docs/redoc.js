// Shows /openapi.json with ReDoc.

Redoc.init(
  "/openapi.json",
  { scrollYOffset: 44, hideDownloadButtons: false, expandResponses: "200,201" },
  document.getElementById("redoc"),
);
