using System.Globalization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Vms.Control.FrontDoor;

/// <summary>The failures that an operation has by its shape, so that no endpoint has to name them: a credential can be missing, a
/// parameter unreadable, a body too large. What only the endpoint knows (404, 409, …) it says itself. And the headers that answers have.</summary>
internal static class ApiResponses
{
    private const string Problem = "application/problem+json";

    public static void Complete(OpenApiOperation operation, OpenApiDocument document, IList<object> metadata, bool open)
    {
        if (!open)
        {
            Add(operation, document, StatusCodes.Status401Unauthorized);
            Add(operation, document, StatusCodes.Status403Forbidden);
        }

        if (operation.RequestBody is not null)
        {
            Add(operation, document, StatusCodes.Status400BadRequest);
            Add(operation, document, StatusCodes.Status413PayloadTooLarge);
            Add(operation, document, StatusCodes.Status415UnsupportedMediaType);
        }
        else if (operation.Parameters?.Any(p => p.Schema is { } schema && (schema.Type != JsonSchemaType.String || schema.Format is not null)) == true)
        {
            Add(operation, document, StatusCodes.Status400BadRequest);
        }

        if (metadata.OfType<TellsVersion>().Any())
            DescribeVersion(operation, metadata);
        operation.Responses = Sorted(operation.Responses);
    }

    private static void Add(OpenApiOperation operation, OpenApiDocument document, int status)
    {
        operation.Responses ??= [];
        operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(status),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problem] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), document) },
            },
        });
    }

    /// <summary>Of the answers that show one thing which has versions.</summary>
    private static void DescribeVersion(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var shown in metadata.OfType<IProducesResponseTypeMetadata>().Where(p => p.Type?.IsAssignableTo(typeof(IVersioned)) == true))
        {
            if (operation.Responses?.GetValueOrDefault(shown.StatusCode.ToString(CultureInfo.InvariantCulture)) is not OpenApiResponse response)
                continue;
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            response.Headers[HeaderNames.ETag] = new OpenApiHeader
            {
                Description = "The version that is shown, for If-Match.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }
    }

    private static OpenApiResponses Sorted(OpenApiResponses? responses)
    {
        var sorted = new OpenApiResponses();
        foreach (var (status, response) in (responses ?? []).OrderBy(r => r.Key, StringComparer.Ordinal))
            sorted.Add(status, response);
        return sorted;
    }
}
