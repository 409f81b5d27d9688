using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Vms.Control.FrontDoor;

/// <summary>How the API document names its schemas, and what reflection cannot know of them.</summary>
internal static class ApiSchemas
{
    private const string FieldProblem = "FieldProblem";

    /// <summary>Operations call their records Request and Response: in the document they carry the operation's name. Null: written where it
    /// is used.</summary>
    public static string? NameOf(JsonTypeInfo info)
    {
        if (info.Type == typeof(Stream))
            return "Binary";
        if (info.Type == typeof(JsonElement))
            return null;
        return OpenApiOptions.CreateDefaultSchemaReferenceId(info) is { } id ? NameOf(info.Type, id) : null;
    }

    /// <summary>The name of a record that is in the document, because an operation has it as its parameter.</summary>
    public static string NameOf(Type record) => NameOf(record, record.Name);

    private static string NameOf(Type type, string id) => type.DeclaringType is { } operation ? operation.Name + id : id;

    /// <summary><see cref="ProblemDetails"/> keeps code and fields among its extensions, where reflection does not see them.</summary>
    public static void Complete(OpenApiComponents components)
    {
        if (components.Schemas is not { } schemas || !schemas.TryGetValue(nameof(ProblemDetails), out var found) || found is not OpenApiSchema problem)
            return;
        problem.Properties ??= new Dictionary<string, IOpenApiSchema>();
        problem.Properties["code"] = Text("What happened, for programs: one of docs/ref/problems.md.");
        problem.Properties["fields"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "With the code invalidInput: each wrong input.",
            Items = new OpenApiSchemaReference(FieldProblem),
        };
        problem.Required = new HashSet<string> { "status", "title", "code" };
        problem.Properties["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The HTTP status." };
        problem.Properties["title"] = Text("What happened, for people.");
        schemas[FieldProblem] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "One wrong input.",
            Required = new HashSet<string> { "field", "code", "message" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["field"] = Text("Its name; dots and indexes lead into the body, $ is the body itself."),
                ["code"] = Text("What is wrong with it, for programs."),
                ["message"] = Text("What is wrong with it, for people."),
            },
        };
    }

    /// <summary>Numbers are also read from text, which no client should know: it would have to expect text in answers, too. And of times,
    /// which have a converter of their own, nothing is known but their format.</summary>
    public static void Correct(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (schema.Format == "date-time")
        {
            bool nullable = context.JsonPropertyInfo is { } property && Nullable.GetUnderlyingType(property.PropertyType) is not null;
            schema.Type = nullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        }

        if (context.JsonTypeInfo is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } && element == typeof(DateTimeOffset))
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };

        // What a view works out of itself is in every answer; the generator knows that of constructor parameters alone.
        foreach (var computed in context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object ? context.JsonTypeInfo.Properties.Where(p => p is { Set: null, IsGetNullable: false, AssociatedParameter: null }) : [])
        {
            if (schema.Properties is not { } properties || !properties.TryGetValue(computed.Name, out var found) || found is not OpenApiSchema shown)
                continue;
            shown.Type &= ~JsonSchemaType.Null;
            (schema.Required ??= new HashSet<string>()).Add(computed.Name);
        }

        if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(OneOfAttribute), inherit: true) is [OneOfAttribute known])
            ListWords(schema, known.Words);

        if ((schema.Type & (JsonSchemaType.Integer | JsonSchemaType.Number)) is null or 0)
            return;
        schema.Type &= ~JsonSchemaType.String;
        schema.Pattern = null;
    }

    private static void ListWords(OpenApiSchema schema, IReadOnlyList<string> words)
    {
        var one = schema.Type?.HasFlag(JsonSchemaType.Array) == true ? schema.Items as OpenApiSchema : schema;
        if (one is null)
            return;
        one.Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))];
        if (one.Type?.HasFlag(JsonSchemaType.Null) == true)
            one.Enum.Add(JsonNullSentinel.JsonNull);
    }

    /// <summary>In a request what may be null may also be absent. (In answers it is always there: clients should not have to ask twice.)</summary>
    public static void AbsentIsNull(OpenApiDocument document)
    {
        var done = new HashSet<string>();
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations?.Values.AsEnumerable() ?? []))
        {
            foreach (var media in operation.RequestBody?.Content?.Values ?? [])
                AbsentIsNull(media.Schema, document, done);
        }
    }

    private static void AbsentIsNull(IOpenApiSchema? schema, OpenApiDocument document, HashSet<string> done)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } name })
        {
            if (done.Add(name))
                AbsentIsNull(document.Components!.Schemas!.TryGetValue(name, out var found) ? found : null, document, done);
            return;
        }

        foreach (var part in (schema?.OneOf ?? []).Append(schema?.Items))
        {
            if (part is not null)
                AbsentIsNull(part, document, done);
        }

        foreach (var (property, value) in schema?.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (value.Type?.HasFlag(JsonSchemaType.Null) == true || value.OneOf?.Any(one => one.Type == JsonSchemaType.Null) == true)
                schema!.Required?.Remove(property);
            AbsentIsNull(value, document, done);
        }
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
