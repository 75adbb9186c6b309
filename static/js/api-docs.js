const root = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  deepLinking: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  // Swagger UI would ask a validator on the internet otherwise.
  validatorUrl: null,
});
