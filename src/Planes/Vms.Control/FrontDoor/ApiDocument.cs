using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Vms.Control.Auth;

namespace Vms.Control.FrontDoor;

/// <summary>GET /api/openapi.json: generated from the endpoints, checked in as <c>docs/ref/openapi.json</c>, compared by a test.</summary>
internal static class ApiDocument
{
    private const string Bearer = "bearer";

    public static void Add(IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        // Operations call their records Request and Response: in the document they carry the operation's name.
        options.CreateSchemaReferenceId = info => OpenApiOptions.CreateDefaultSchemaReferenceId(info) is { } id
            ? info.Type.DeclaringType is { } operation ? operation.Name + id : id
            : null;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "VMS",
                Version = "1",
                Description = "Times are ISO-8601 UTC, ids are strings, durations are seconds unless the name says otherwise. Errors are RFC 9457 "
                    + "problem documents with a stable `code` and, for wrong input, `fields`: a list of `{field, code, message}`.",
            };
            document.Servers = [];   // where it runs is not part of the contract
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Bearer, BearerFormat = "JWT of a sign-in, or an API key (vms_…)" },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Needs>().LastOrDefault() is { } needs)
            {
                operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
                if (needs.Permission is not null)
                    operation.Extensions["x-permission"] = new JsonNodeExtension(needs.Permission);
                operation.Extensions["x-scope"] = new JsonNodeExtension(needs.Permission is null ? "caller" : JsonNamingPolicy.CamelCase.ConvertName(needs.Scope.ToString()));
            }

            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder app) => app.MapOpenApi("/api/openapi.json").NeedsCredential();
}
