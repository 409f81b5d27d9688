using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Vms.Control.Auth;

namespace Vms.Control.FrontDoor;

/// <summary>GET /api/openapi.json: generated from the endpoints, checked in as <c>docs/ref/openapi.json</c>, compared and linted by tests;
/// the client libraries in <c>sdk</c> are made from it.</summary>
internal static class ApiDocument
{
    private const string Bearer = "bearer";
    private const string Ticket = "ticket";

    public static void Add(IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.CreateSchemaReferenceId = ApiSchemas.NameOf;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            ApiSchemas.Correct(schema, context);
            return Task.CompletedTask;
        });
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
                [Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = Bearer,
                    Description = "The access token of a sign-in, or an API key (vms_…).",
                },
                [Ticket] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.ApiKey,
                    In = ParameterLocation.Query,
                    Name = "ticket",
                    Description = "A short-lived right of POST /api/tickets or of POST /api/cameras/{id}/live, for addresses that cannot carry a header.",
                },
            };
            ApiSchemas.Complete(document.Components);
            ApiSchemas.AbsentIsNull(document);
            ApiTags.Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            bool open = metadata.OfType<IAllowAnonymous>().Any();
            operation.Security = open ? [] : Credentials(context.Document!, metadata.OfType<AcceptsTicket>().Any());
            NameApart(operation, context.Description.HttpMethod, metadata);
            await ApiRequests.CorrectAsync(operation, context, metadata, cancellationToken);
            ApiResponses.Complete(operation, context.Document!, metadata, open);
            if (metadata.OfType<Needs>().LastOrDefault() is { } needs)
            {
                operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
                if (needs.Permission is not null)
                    operation.Extensions["x-permission"] = new JsonNodeExtension(needs.Permission);
                operation.Extensions["x-scope"] = new JsonNodeExtension(needs.Permission is null ? "caller" : JsonNamingPolicy.CamelCase.ConvertName(needs.Scope.ToString()));
            }
        });
    });

    public static void Map(IEndpointRouteBuilder app) => app.MapOpenApi("/api/openapi.json").NeedsCredential();

    /// <summary>One of these is enough.</summary>
    private static List<OpenApiSecurityRequirement> Credentials(OpenApiDocument document, bool byTicket)
    {
        List<OpenApiSecurityRequirement> either = [new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        if (byTicket)
            either.Add(new() { [new OpenApiSecuritySchemeReference(Ticket, document)] = [] });
        return either;
    }

    /// <summary>An endpoint with several methods is several operations, and generated clients name a function after each: GET keeps the
    /// endpoint's name, the others put their method behind it.</summary>
    private static void NameApart(OpenApiOperation operation, string? method, IList<object> metadata)
    {
        if (method is null || HttpMethods.IsGet(method) || metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is not { HttpMethods.Count: > 1 })
            return;
        operation.OperationId += char.ToUpperInvariant(method[0]) + method[1..].ToLowerInvariant();
    }
}
