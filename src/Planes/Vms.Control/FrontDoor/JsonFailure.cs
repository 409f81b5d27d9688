using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>Says what is wrong with a JSON body: not JSON at all, or JSON of the wrong type in one place.</summary>
internal static class JsonFailure
{
    public static ProblemHttpResult ToProblem(JsonException exception)
    {
        // The reader's own exception type is internal; a converter's complaint never carries it.
        var malformed = exception.InnerException is JsonException || exception.Path is null;
        if (malformed)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "malformedJson", "The body is not valid JSON",
                exception.LineNumber is { } line ? $"Line {line + 1}, byte {exception.BytePositionInLine + 1}." : null);
        }

        var field = exception.Path is "$" or null ? "$" : exception.Path.TrimStart('$', '.');
        return Problems.Fields(new FieldProblem(field, "invalidType", "The value has the wrong type"));
    }
}
