using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Vms.Control.FrontDoor;

/// <summary>Corrects what the generator takes for a request: optional lists in a query, optional bodies, and merge patches,
/// which are read as JSON of any shape before they are merged.</summary>
internal static class ApiRequests
{
    public static void Correct(OpenApiOperation operation, OpenApiDocument document, string? method, IList<object> metadata)
    {
        // A list in the query is described as a body as well.
        if (method is not null && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)))
            operation.RequestBody = null;
        foreach (var list in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.Schema?.Type?.HasFlag(JsonSchemaType.Array) == true))
            (list.Required, list.Style, list.Explode) = (false, ParameterStyle.Form, true);
        if (metadata.OfType<AnswersOnce>().Any())
            AddHeader(operation, IdempotentCreates.Header, "Makes asking again safe: for a day, the same key and body get the first answer.");
        if (metadata.OfType<ChecksVersion>().Any())
            AddHeader(operation, HeaderNames.IfMatch, "The ETag of an answer: change it only while it still is what was read.");
        foreach (var media in operation.RequestBody?.Content?.Values ?? [])
        {
            // "Nothing, or this": that a body may be absent is said by its not being required.
            if (media.Schema?.OneOf is [{ Type: JsonSchemaType.Null }, OpenApiSchemaReference named])
                media.Schema = named;
            else if (media.Schema is OpenApiSchema { Type: null, OneOf: null } && metadata.OfType<IAcceptsMetadata>().LastOrDefault()?.RequestType is { } accepted)
                media.Schema = new OpenApiSchemaReference(ApiSchemas.NameOf(accepted), document);
        }
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description) => (operation.Parameters ??= []).Add(new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    });
}
