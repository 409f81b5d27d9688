using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Vms.Control.FrontDoor;

/// <summary>Corrects what the generator takes for a request: optional lists in a query, optional bodies, and merge patches,
/// which are read as JSON of any shape before they are merged.</summary>
internal static class ApiRequests
{
    public static async Task CorrectAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata, CancellationToken cancellationToken)
    {
        var method = context.Description.HttpMethod;
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
                media.Schema = await ReferenceAsync(accepted, context, cancellationToken);
        }
    }

    /// <summary>To the record, which no operation may have as its parameter: then it is described here.</summary>
    private static async Task<IOpenApiSchema> ReferenceAsync(Type record, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var name = ApiSchemas.NameOf(record);
        if (context.Document!.Components?.Schemas?.ContainsKey(name) != true)
            context.Document.AddComponent(name, await context.GetOrCreateSchemaAsync(record, null, cancellationToken));
        return new OpenApiSchemaReference(name, context.Document);
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description) => (operation.Parameters ??= []).Add(new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    });
}
